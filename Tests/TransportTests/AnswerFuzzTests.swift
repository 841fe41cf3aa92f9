import Measurement
import TestSupport
import Testing

@testable import Transport

/// Spoilt answers for everything that reads what a target sends, over HTTP.
@Suite struct AnswerFuzzTests {
  static let seeds =
    HTTPResponseParserTests.good.map { Array($0.text.utf8) }
    + [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 E\r\n\r\n",
      "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ].map { Array($0.utf8) }

  static let tokens: [[UInt8]] = [
    "\r\n", "\n", "\r", "\r\n\r\n", ":", " ", "\t", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.0 200\r\n",
    "HTTP/2 200\r\n",
    "Content-Length: 18446744073709551616\r\n", "Content-Length: -1\r\n", "Content-Length: 8191\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "FFFFFFFFFFFFFFFF", "7fffffffffffffff", "2000\r\n",
    "0\r\n", "0\r\n\r\n", ";", ",", "\0", "Connection: close, keep-alive\r\n", "204", "304", "101",
  ].map { Array($0.utf8) }

  static let limits = HTTPMessageLimits(headBytes: 4096, bodyBytes: 8192)

  /// What a parser makes of an answer that arrives in pieces and then ends.
  static func parsed(_ input: [UInt8], cuts: [Int]) -> String {
    var parser = HTTPResponseParser(limits: limits)
    var bytes: [UInt8] = []
    let edges = [0] + cuts + [input.count]
    for (start, end) in zip(edges, edges.dropFirst()) where start < end {
      bytes += input[start..<end]
      let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
      defer { memory.deallocate() }
      _ = memory.initialize(from: bytes)
      guard let base = memory.baseAddress else { break }
      var count = bytes.count
      let outcome = parser.consume(base, count: &count)
      bytes = Array(memory[..<count])
      if case .failed = outcome { return "failed" }
      if outcome == .complete { return shown(parser, bytes) }
    }
    return parser.finish() == .complete ? shown(parser, bytes) : "failed"
  }

  static func shown(_ parser: HTTPResponseParser, _ bytes: [UInt8]) -> String {
    let fields = bytes[parser.fields].withUnsafeBytes { HTTPFields(lines: $0).all }
    return "\(parser.status) \(fields) \(Array(bytes[parser.body])) \(parser.isKeepAlive)"
  }

  @Test func answersAreReadTheSameHoweverTheyAreCut() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: Self.seeds)
      let cuts = [mutator.choice(input.count + 1), mutator.choice(input.count + 1)].sorted()
      if Self.parsed(input, cuts: cuts) != Self.parsed(input, cuts: []) {
        Issue.record("cut at \(cuts) it is another answer: \(Fuzzing.shown(input))")
      }
    }
  }

  /// A target that takes every request and sends fixed bytes in pieces of any size, then ends or resets the connection.
  final class SpoiltStream: ByteStream {
    let descriptor: Int32 = -1
    let isDrainedByShortTransfer: Bool
    let failureDetail: String? = nil
    private var rest: ArraySlice<UInt8>
    private let piece: Int
    private let ending: StreamTransfer
    private var isPaused = false

    init(_ bytes: [UInt8], piece: Int, ending: StreamTransfer, isEncrypted: Bool) {
      rest = bytes[...]
      self.piece = piece
      self.ending = ending
      isDrainedByShortTransfer = !isEncrypted
    }

    func shakeHands() -> StreamHandshake { .done }
    func send(_ bytes: UnsafeRawBufferPointer) -> StreamTransfer { .bytes(bytes.count) }
    func endSending() {}
    func close(reset: Bool) {}

    func receive(into room: UnsafeMutableRawBufferPointer) -> StreamTransfer {
      isPaused.toggle()
      if isPaused { return .wouldBlock }
      if rest.isEmpty { return ending }
      let count = min(piece, room.count, rest.count)
      room.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return .bytes(count)
    }
  }

  @Test func everyExchangeComesToItsEnd() {
    var mutator = Mutator(seed: Fuzzing.seed &+ 1, tokens: Self.tokens)
    let memory = ReceiveMemory()
    let exchange = ClientExchange(limits: Self.limits, memory: memory)
    let request = Array("POST / HTTP/1.1\r\n\r\n".utf8)
    let now = Instant(nanoseconds: 0)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: Self.seeds)
      let endings: [StreamTransfer] = [.bytes(0), .broken(104), .violated]
      let stream = SpoiltStream(
        input, piece: 1 + mutator.choice(400), ending: endings[mutator.choice(3)],
        isEncrypted: mutator.choice(2) == 1)
      request.withUnsafeBytes { request in
        var event = exchange.send(request, over: stream, now: now)
        // Two turns for every byte and some for the end: more would be a wait without end.
        var turns = 2 * input.count + 8
        while case .none = event, turns > 0 {
          event = exchange.advance([.readable], over: stream, now: now)
          turns -= 1
        }
        switch event {
        case .response(let answer):
          // All of it can be looked at.
          if answer.body.count > Self.limits.bodyBytes || answer.fields.all.count > 4096 {
            Issue.record("larger than allowed: \(Fuzzing.shown(input))")
          }
        case .failed: break
        default: Issue.record("no end: \(Fuzzing.shown(input))")
        }
      }
      if exchange.isBusy { Issue.record("busy after its end: \(Fuzzing.shown(input))") }
    }
  }
}
