import FoundationEssentials
import Kinesis
import StrictJSON

/// What a run asks about its stream and does to it: create, wait until active, shard map, delete.
package struct StreamControl<Calls: ControlCalls> {
  /// The stream's state as DescribeStreamSummary tells it.
  package struct Summary: Equatable, Sendable {
    /// Its Amazon resource name.
    package let arn: String
    /// `CREATING`, `ACTIVE`, `UPDATING` or `DELETING`.
    package let status: String
    /// Shards that take writes.
    package let openShards: Int
  }

  private let calls: Calls
  private let stream: String
  /// The member of a request that names the stream.
  private let named: String

  /// Control of one stream.
  ///
  /// - Parameter arn: names the stream in requests in place of its name.
  package init(calls: Calls, stream: String, arn: StreamARN? = nil) {
    self.calls = calls
    self.stream = stream
    named = arn.map { #""StreamARN":"\#($0)""# } ?? #""StreamName":"\#(stream)""#
  }

  /// The stream's state.
  package func summary() throws(StreamControlFailure) -> Summary {
    let answer: StreamAnswers.DescribeStreamSummary = try ask(.describeStreamSummary, #"{\#(named)}"#)
    return Summary(arn: answer.summary.arn, status: answer.summary.status, openShards: answer.summary.openShardCount)
  }

  /// Creates the stream and waits until it is active.
  ///
  /// - Parameters:
  ///   - shards: how many, even ranges.
  ///   - attempts: how often its state is asked for, half a second apart.
  package func create(shards: Int, attempts: Int = 240) throws(StreamControlFailure) {
    try send(.createStream, #"{"StreamName":"\#(stream)","ShardCount":\#(shards)}"#)
    var last = "CREATING"
    for _ in 0..<attempts {
      last = try summary().status
      if last == "ACTIVE" { return }
      calls.pause(milliseconds: 500)
    }
    throw .notActive(stream: stream, status: calls.masked(last))
  }

  /// Deletes the stream.
  package func delete() throws(StreamControlFailure) {
    try send(.deleteStream, #"{\#(named)}"#)
  }

  /// The open shards: ListShards with paging; DescribeStream where that is not offered.
  package func shardMap() throws(StreamControlFailure) -> ShardMap {
    var opened: [Shard] = []
    for answer in try allShards() where answer.isOpen { opened.append(try shard(answer)) }
    do {
      return try ShardMap(shards: opened)
    } catch {
      throw .garbage(operation: "ListShards", status: 200, detail: "its open shards are no whole map: \(error)")
    }
  }

  /// Every shard that can be read, closed ones too, each with the shards it was made from.
  func lineage() throws(StreamControlFailure) -> [(id: String, parents: [String])] {
    try allShards().map { ($0.id, [$0.parentID, $0.adjacentParentID].compactMap { $0 }) }
  }

  /// An iterator to read a shard by.
  func iterator(ofShard shard: String, from start: ReadStart) throws(StreamControlFailure) -> String {
    let answer: StreamAnswers.GetShardIterator = try ask(
      .getShardIterator,
      #"{\#(named),"ShardId":"\#(Self.escaped(shard))","ShardIteratorType":\#(start.json)}"#)
    return answer.iterator
  }

  /// The body of an answer to GetRecords.
  func records(at iterator: String) throws(StreamControlFailure) -> [UInt8] {
    try send(.getRecords, #"{"ShardIterator":"\#(Self.escaped(iterator))","Limit":10000}"#)
  }

  /// Their names go into every file of the results: one with a piece of a secret in it is refused.
  private func allShards() throws(StreamControlFailure) -> [StreamAnswers.Shard] {
    let shards = try listedShards()
    guard shards.allSatisfy({ calls.masked($0.id) == $0.id }) else {
      throw .garbage(
        operation: "ListShards", status: 200, detail: "a shard's id repeats what the request was signed with")
    }
    return shards
  }

  private func listedShards() throws(StreamControlFailure) -> [StreamAnswers.Shard] {
    do {
      return try listShards()
    } catch {
      guard case .refused(_, _, let code, _) = error, code != "ResourceNotFoundException" else { throw error }
      guard let described = try? describeShards() else { throw error }
      return described
    }
  }

  private func listShards() throws(StreamControlFailure) -> [StreamAnswers.Shard] {
    var shards: [StreamAnswers.Shard] = []
    var request = #"{\#(named)}"#
    // 1,000 shards a page, an account's quota of 20,000 several times over: a service that pages for ever is refused.
    for _ in 0..<1_000 {
      let page: StreamAnswers.ListShards = try ask(.listShards, request)
      shards += page.shards
      guard let token = page.nextToken else { return shards }
      request = #"{"NextToken":"\#(Self.escaped(token))"}"#
    }
    throw .garbage(operation: "ListShards", status: 200, detail: "more than 1,000 pages")
  }

  private func describeShards() throws(StreamControlFailure) -> [StreamAnswers.Shard] {
    var shards: [StreamAnswers.Shard] = []
    var request = #"{\#(named)}"#
    for _ in 0..<10_000 {
      let page: StreamAnswers.DescribeStream = try ask(.describeStream, request)
      shards += page.description.shards
      guard page.description.hasMoreShards, let last = page.description.shards.last else { return shards }
      request = #"{\#(named),"ExclusiveStartShardId":"\#(Self.escaped(last.id))"}"#
    }
    throw .garbage(operation: "DescribeStream", status: 200, detail: "more than 10,000 pages")
  }

  private func shard(_ answer: StreamAnswers.Shard) throws(StreamControlFailure) -> Shard {
    guard let start = UInt128(answer.range.start), let end = UInt128(answer.range.end), start <= end else {
      throw .garbage(
        operation: "ListShards", status: 200,
        detail: calls.masked("hash range \(answer.range.start) to \(answer.range.end) of \(answer.id)"))
    }
    return Shard(id: answer.id, range: HashKeyRange(start: start, end: end))
  }

  /// A token of the service as it stands in a JSON string: some emulators' hold line ends.
  private static func escaped(_ text: String) -> String {
    String(decoding: JSONStringEscaping.escaped(text), as: UTF8.self)
  }

  private func ask<Answer: Decodable>(_ operation: ClientOperation, _ body: String) throws(StreamControlFailure)
    -> Answer
  {
    let bytes = try send(operation, body)
    do {
      return try JSONDecoder().decode(Answer.self, from: Data(bytes))
    } catch {
      throw .garbage(operation: operation.rawValue, status: 200, detail: glimpse(of: bytes))
    }
  }

  @discardableResult
  private func send(_ operation: ClientOperation, _ body: String) throws(StreamControlFailure) -> [UInt8] {
    let (status, bytes) = try calls.call(operation, body: body)
    guard status != 200 else { return bytes }
    guard let error = bytes.withUnsafeBytes({ ServiceError.parse($0) }) else {
      throw .garbage(operation: operation.rawValue, status: status, detail: glimpse(of: bytes))
    }
    throw .refused(
      operation: operation.rawValue, status: status, code: calls.masked(error.code),
      message: calls.masked(error.message))
  }

  /// The first characters of an answer that was not understood.
  private func glimpse(of bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "an empty body" }
    // Masked before it is cut, so that no beginning of a secret is left.
    let text = calls.masked(String(decoding: bytes.prefix(4_096), as: UTF8.self))
    let shown = text.prefix(60).map { $0.isNewline || $0 == "\"" ? " " : $0 }
    return "\"" + String(shown) + (text.count > 60 ? "...\"" : "\"")
  }
}

/// The members read of the control-plane answers, as the API's service model names them; all others are ignored, as the
/// service may add some at any time.
private enum StreamAnswers {
  struct ListShards: Decodable {
    let shards: [Shard]
    let nextToken: String?

    enum CodingKeys: String, CodingKey {
      case shards = "Shards"
      case nextToken = "NextToken"
    }
  }

  struct DescribeStream: Decodable {
    struct Description: Decodable {
      let shards: [Shard]
      let hasMoreShards: Bool
      let status: String

      enum CodingKeys: String, CodingKey {
        case shards = "Shards"
        case hasMoreShards = "HasMoreShards"
        case status = "StreamStatus"
      }
    }

    let description: Description

    enum CodingKeys: String, CodingKey {
      case description = "StreamDescription"
    }
  }

  struct DescribeStreamSummary: Decodable {
    struct Summary: Decodable {
      let name: String
      let arn: String
      let status: String
      let openShardCount: Int

      enum CodingKeys: String, CodingKey {
        case name = "StreamName"
        case arn = "StreamARN"
        case status = "StreamStatus"
        case openShardCount = "OpenShardCount"
      }
    }

    let summary: Summary

    enum CodingKeys: String, CodingKey {
      case summary = "StreamDescriptionSummary"
    }
  }

  struct Shard: Decodable {
    struct HashKeyRange: Decodable {
      let start: String
      let end: String

      enum CodingKeys: String, CodingKey {
        case start = "StartingHashKey"
        case end = "EndingHashKey"
      }
    }

    struct SequenceNumberRange: Decodable {
      let end: String?

      enum CodingKeys: String, CodingKey {
        case end = "EndingSequenceNumber"
      }
    }

    let id: String
    let parentID: String?
    let adjacentParentID: String?
    let range: HashKeyRange
    let sequenceNumbers: SequenceNumberRange?

    enum CodingKeys: String, CodingKey {
      case id = "ShardId"
      case parentID = "ParentShardId"
      case adjacentParentID = "AdjacentParentShardId"
      case range = "HashKeyRange"
      case sequenceNumbers = "SequenceNumberRange"
    }

    /// Whether it takes writes. Emulators ignore `ShardFilter`, so this is decided here: an open shard has no last
    /// sequence number.
    var isOpen: Bool { sequenceNumbers?.end == nil }
  }

  struct GetShardIterator: Decodable {
    let iterator: String

    enum CodingKeys: String, CodingKey {
      case iterator = "ShardIterator"
    }
  }
}
