import Kinesis
import Testing

@testable import StreamAccess

/// Answers from a script, and what was asked.
private final class ScriptedCalls: ControlCalls {
  private(set) var asked: [String] = []
  private var answers: [(status: Int, body: String)]

  init(_ answers: [(Int, String)]) {
    self.answers = answers.map { (status: $0.0, body: $0.1) }
  }

  func call(_ operation: ClientOperation, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8]) {
    asked.append("\(operation.rawValue) \(body)")
    guard !answers.isEmpty else { throw .unreachable(code: "connect-refused") }
    let answer = answers.removeFirst()
    return (answer.status, Array(answer.body.utf8))
  }

  func pause(milliseconds: Int) {}
}

private func shardJSON(_ number: Int, _ start: String, _ end: String, closed: Bool = false) -> String {
  let ending = closed ? #","EndingSequenceNumber":"9""# : ""
  return #"{"ShardId":"shardId-00000000000\#(number)","HashKeyRange":{"StartingHashKey":"\#(start)","#
    + #""EndingHashKey":"\#(end)"},"SequenceNumberRange":{"StartingSequenceNumber":"1"\#(ending)}}"#
}

@Suite("Asking a stream for its state and its shards")
struct StreamControlTests {
  private static let half = "170141183460469231731687303715884105727"
  private static let secondHalf = "170141183460469231731687303715884105728"
  private static let last = "340282366920938463463374607431768211455"
  private static let low = shardJSON(0, "0", half)
  private static let high = shardJSON(1, secondHalf, last)

  @Test("Pages are followed and closed shards left out")
  func pages() throws {
    let calls = ScriptedCalls([
      (200, #"{"Shards":[\#(shardJSON(9, "0", Self.last, closed: true)),\#(Self.high)],"NextToken":"a\"b"}"#),
      (200, #"{"Shards":[\#(Self.low)],"Unknown":[1,{}]}"#),
    ])
    let map = try StreamControl(calls: calls, stream: "orders").shardMap()
    #expect(map.shards.map(\.id) == ["shardId-000000000000", "shardId-000000000001"])
    #expect(calls.asked == [#"ListShards {"StreamName":"orders"}"#, #"ListShards {"NextToken":"a\"b"}"#])
  }

  @Test("DescribeStream serves where ListShards is unknown")
  func fallback() throws {
    let calls = ScriptedCalls([
      (400, #"{"__type":"UnknownOperationException"}"#),
      (200, #"{"StreamDescription":{"Shards":[\#(Self.low)],"HasMoreShards":true,"StreamStatus":"ACTIVE"}}"#),
      (200, #"{"StreamDescription":{"Shards":[\#(Self.high)],"HasMoreShards":false,"StreamStatus":"ACTIVE"}}"#),
    ])
    let map = try StreamControl(calls: calls, stream: "orders").shardMap()
    #expect(map.shards.count == 2)
    #expect(calls.asked.last?.contains(#""ExclusiveStartShardId":"shardId-000000000000""#) == true)
  }

  @Test(
    "What comes instead of shards is told apart",
    arguments: [
      (200, "<html>hello</html>", false), (200, "{}", false), (502, "<html>bad gateway</html>", false),
      (200, #"{"Shards":[\#(shardJSON(0, "0", "10"))]}"#, false),
      (200, #"{"Shards":[\#(shardJSON(0, "x", "10"))]}"#, false),
      (400, #"{"__type":"ResourceNotFoundException","message":"no"}"#, true),
      (400, #"{"__type":"UnrecognizedClientException","message":"no"}"#, true),
    ])
  func sadAnswers(status: Int, body: String, isFinal: Bool) {
    let calls = ScriptedCalls([(status, body), (status, body)])
    do {
      _ = try StreamControl(calls: calls, stream: "orders").shardMap()
      Issue.record("expected a failure")
    } catch {
      #expect(error.isFinal == isFinal, "\(error)")
    }
  }

  @Test("A target that does not answer is final")
  func unreachable() {
    #expect(throws: StreamControlFailure.unreachable(code: "connect-refused")) {
      try StreamControl(calls: ScriptedCalls([]), stream: "orders").summary()
    }
  }

  @Test("Create waits until the stream is active")
  func create() throws {
    func summary(_ status: String) -> (Int, String) {
      (
        200,
        #"{"StreamDescriptionSummary":{"StreamName":"orders","StreamARN":"arn:x","StreamStatus":"\#(status)","#
          + #""OpenShardCount":4}}"#
      )
    }
    let calls = ScriptedCalls([(200, ""), summary("CREATING"), summary("CREATING"), summary("ACTIVE")])
    try StreamControl(calls: calls, stream: "orders").create(shards: 4)
    #expect(calls.asked.count == 4)
    let never = ScriptedCalls([(200, ""), summary("CREATING"), summary("CREATING")])
    #expect(throws: StreamControlFailure.notActive(stream: "orders", status: "CREATING")) {
      try StreamControl(calls: never, stream: "orders").create(shards: 4, attempts: 2)
    }
  }

  @Test("A refusal is one line without control characters, whatever the target wrote")
  func oneLine() {
    let failure = StreamControlFailure.refused(
      operation: "ListShards", status: 400, code: "Odd\u{1B}[2J", message: "two\r\nlines")
    #expect(failure.description == "ListShards was refused: HTTP 400 Odd\\x1b[2J: two lines")
  }
}
