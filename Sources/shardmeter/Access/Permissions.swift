import Kinesis
import StrictJSON

/// What a command may ask of a stream on AWS: the least policy that it works with.
struct Permissions: Sendable, Equatable {
  /// A command that calls the service.
  enum Caller: String, Sendable, CaseIterable {
    case run, search, ab, verify, size
  }

  var caller = Caller.run
  /// `--create-stream` of `run` or `search`, or of either side of `ab`.
  var createsStream = false
  /// `--delete-stream`.
  var deletesStream = false
  /// `--read-back`.
  var readsBack = false

  /// The operations, in the order of their names.
  var operations: [ClientOperation] {
    var needed: Set<ClientOperation> = Self.shards
    switch caller {
    case .run, .search, .ab:
      needed.formUnion([.putRecords, .describeStreamSummary])
      if createsStream { needed.insert(.createStream) }
      if deletesStream { needed.insert(.deleteStream) }
      if readsBack { needed.formUnion(Self.reading) }
    case .size:
      // `size --verify` makes its streams, loads and deletes them.
      needed.formUnion([.putRecords, .describeStreamSummary, .createStream, .deleteStream])
    case .verify:
      needed.formUnion(Self.reading)
    }
    return ClientOperation.allCases.filter(needed.contains)
  }

  /// The shards are asked for with ListShards, and with DescribeStream where that is refused.
  private static let shards: Set<ClientOperation> = [.listShards, .describeStream]
  private static let reading: Set<ClientOperation> = [.getShardIterator, .getRecords]

  /// The identity-based policy that allows these operations on one stream and nothing else.
  ///
  /// - Parameter resource: the stream's ARN.
  func policy(resource: String) -> JSONValue {
    .object([
      ("Version", .string("2012-10-17")),
      (
        "Statement",
        .array([
          .object([
            ("Sid", .string("Shardmeter")), ("Effect", .string("Allow")),
            ("Action", .array(operations.map { .string("kinesis:\($0.rawValue)") })),
            ("Resource", .string(resource)),
          ])
        ])
      ),
    ])
  }
}
