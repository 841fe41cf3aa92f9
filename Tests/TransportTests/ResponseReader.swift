import Transport

/// What a parser made of an answer that was given to it in pieces.
struct ParsedAnswer: Equatable {
  var outcome: HTTPParsing
  var status = 0
  var body = ""
  var fields = ""
  var isKeepAlive = false
  /// Bytes behind the answer's end.
  var rest = ""
}

/// Feeds an answer to a parser in pieces, moving the buffer between them as a growing one does.
func parseAnswer(
  _ pieces: [[UInt8]], ends: Bool = false, limits: HTTPMessageLimits = .answers
) -> ParsedAnswer {
  var parser = HTTPResponseParser(limits: limits)
  var bytes: [UInt8] = []
  var outcome = HTTPParsing.incomplete
  for piece in pieces {
    bytes += piece
    // A fresh copy each time: a parser that kept an address would read freed memory.
    var copy = Array(bytes)
    var count = copy.count
    outcome = copy.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return .incomplete }
      return parser.consume(base, count: &count)
    }
    bytes = Array(copy.prefix(count))
    if outcome != .incomplete { break }
  }
  if ends, outcome == .incomplete { outcome = parser.finish() }
  var answer = ParsedAnswer(outcome: outcome)
  guard outcome == .complete else { return answer }
  answer.status = parser.status
  answer.body = String(decoding: bytes[parser.body], as: UTF8.self)
  answer.fields = String(decoding: bytes[parser.fields], as: UTF8.self)
  answer.isKeepAlive = parser.isKeepAlive
  answer.rest = ends ? "" : String(decoding: bytes[parser.end...], as: UTF8.self)
  return answer
}

/// Every way to cut the bytes in two, then every way to cut them byte by byte, as lists of pieces.
func everySplit(_ text: String) -> [[[UInt8]]] {
  let bytes = Array(text.utf8)
  var ways = (0...bytes.count).map { cut in [Array(bytes[..<cut]), Array(bytes[cut...])].filter { !$0.isEmpty } }
  ways.append(bytes.map { [$0] })
  return ways
}
