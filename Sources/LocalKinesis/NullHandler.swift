import Kinesis
import Transport

/// Answers every PutRecords with the same success: a sink that costs next to nothing, to measure drivers against.
///
/// A request whose `X-Amz-Target` names another operation goes to an ordinary service behind it, so that a driver finds
/// the stream and its shards as it would anywhere.
final class NullHandler: HTTPHandler {
  private static let operation = "Kinesis_20131202.PutRecords"

  private let body: [UInt8]
  private let service: ServiceHandler
  private let access: WebAccess

  /// - Parameters:
  ///   - records: entries of the answer.
  ///   - configuration: gives the stream, whose one shard every entry names.
  ///   - access: which web pages and host names are answered.
  ///   - control: what the service behind it follows.
  ///   - time: now, for the sequence numbers and the service.
  init(
    records: Int, _ configuration: EmbeddedTargetConfiguration, access: WebAccess, control: BehaviourControl,
    at time: ServiceTime
  ) throws {
    let seconds = time.microseconds / 1_000_000
    var numbers = SequenceNumberSource(shard: 0, created: seconds)
    let text = ShardEntryText(
      shardID: Shard.id(number: 0), streamName: configuration.streamName ?? "", accountID: configuration.account)
    let writer = PutRecordsResponseWriter()
    writer.begin()
    for _ in 0..<records { writer.appendAccepted(numbers.take(at: seconds), text) }
    body = Array(writer.finish())
    var configuration = configuration
    configuration.ranges = HashKeyRange.even(count: 1)
    configuration.allowsUnsigned = true
    self.access = access
    service = ServiceHandler(try EmbeddedService(configuration, access: access, at: time), control: control)
  }

  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer) {
    if let target = request.fields.bytes(named: "x-amz-target"), !target.elementsEqual(Self.operation.utf8) {
      return service.respond(to: request, into: &answer)
    }
    // A web page is answered, or refused, by the service: it knows the headers for it.
    guard request.fields.bytes(named: "origin") == nil, access.admits(host: request.fields["host"]) else {
      return service.respond(to: request, into: &answer)
    }
    answer.addField("Content-Type", "application/x-amz-json-1.1" as StaticString)
    answer.addField("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000" as StaticString)
    body.withUnsafeBytes { answer.append($0) }
  }

  func refuse(status: Int, into answer: inout HTTPAnswer) {
    service.refuse(status: status, into: &answer)
  }
}
