/// Everything that shardmeter can ask of a service; the raw value is the operation's name on the wire, and behind
/// `kinesis:` the name of the permission for it.
///
/// ``RequestSigner`` takes nothing else, so what is not here cannot be asked: `shardmeter policy` is made from it.
package enum ClientOperation: String, CaseIterable, Sendable {
  case createStream = "CreateStream"
  case deleteStream = "DeleteStream"
  case describeStream = "DescribeStream"
  case describeStreamSummary = "DescribeStreamSummary"
  case getRecords = "GetRecords"
  case getShardIterator = "GetShardIterator"
  case listShards = "ListShards"
  case putRecords = "PutRecords"

  /// What goes where data go, where the service has hosts apart (its model's `OperationType`).
  package var isAboutData: Bool {
    switch self {
    case .putRecords, .getRecords, .getShardIterator: true
    case .createStream, .deleteStream, .describeStream, .describeStreamSummary, .listShards: false
    }
  }
}
