import Glibc

/// The state machine behind `HTTPRequestParser` and `HTTPResponseParser`: one HTTP/1.x message read from a growing buffer.
///
/// It owns no memory. The caller appends what arrives to one contiguous buffer and calls `consume`; the parser remembers
/// how far it has looked, so each byte is looked at once however the message is split. A chunked body is put together in
/// place, so that it is contiguous for whoever reads it: the first chunk stays where it is, later ones move down over the
/// chunk heads.
struct HTTPMessageParser {
  /// Which kind of first line is expected, and who decides about the body.
  enum Role: Sendable {
    case request
    case response
  }

  private enum Stage {
    case startLine
    case fields
    case fixedBody
    case chunkHead
    case chunkData
    case chunkEnd
    case trailer
    case untilClose
    case complete
  }

  private let role: Role
  private let limits: HTTPMessageLimits
  private var stage = Stage.startLine
  /// The first byte that belongs to no finished part.
  private var cursor = 0
  /// Bytes from `cursor` already searched for a line end.
  private var searched = 0
  /// Bytes of lines so far; bounded by `limits.headBytes`.
  private var lineBytes = 0
  private var chunkRemaining = 0
  private var fieldsStart = 0
  private var fieldsEnd = 0

  /// What the fields said about the end of the message.
  private(set) var framing = HTTPFraming()
  /// Minor version of the first line: 0 or 1 (later minors count as 1).
  private(set) var minorVersion = 1
  /// The status of a response; 0 before its line was read.
  private(set) var status = 0
  /// Where a request's method lies.
  private(set) var method = 0..<0
  /// Where a request's target lies.
  private(set) var target = 0..<0
  /// Where the body lies, as far as it has been put together.
  private(set) var body = 0..<0

  init(role: Role, limits: HTTPMessageLimits) {
    self.role = role
    self.limits = limits
  }

  /// Where the header lines lie, once `isHeadComplete`.
  var fields: Range<Int> { fieldsStart..<fieldsEnd }

  /// Whether the head has been read to its end (an interim answer's head does not count).
  var isHeadComplete: Bool { fieldsEnd > 0 }

  /// The first byte after a complete message.
  var end: Int { cursor }

  /// How many bytes the whole message has, when head and `Content-Length` say so.
  var expectedCount: Int? { stage == .fixedBody ? body.lowerBound + (framing.contentLength ?? 0) : nil }

  /// Whether the connection carries another message after this one.
  var isKeepAlive: Bool {
    if framing.saysClose || stage == .untilClose { return false }
    // Both framings at once are legal in an answer but a sign of trouble (RFC 9112 section 6.3): read it, then part.
    if framing.isChunked && framing.contentLength != nil { return false }
    return minorVersion >= 1 || framing.saysKeepAlive
  }

  /// Looks at the bytes added since the last call.
  ///
  /// - Parameters:
  ///   - base: the message from its first byte on; the same bytes as before, and more.
  ///   - count: how many bytes there are. Becomes smaller when chunk heads have been taken out; what is read next goes there.
  mutating func consume(_ base: UnsafeMutablePointer<UInt8>, count: inout Int) -> HTTPParsing {
    do throws(HTTPViolation) {
      while stage != .complete {
        if try advance(base, count) == false {
          closeGap(base, &count)
          return .incomplete
        }
      }
      return .complete
    } catch {
      return .failed(error)
    }
  }

  /// The peer has ended its side: the end of a body that lasts until then, and of no other message.
  mutating func finish() -> HTTPParsing {
    switch stage {
    case .complete:
      return .complete
    case .untilClose:
      // The stage stays, since it says that the connection is used up.
      return .complete
    default:
      return .failed(.truncated)
    }
  }

  /// One step; false when more bytes are needed for it.
  private mutating func advance(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) throws(HTTPViolation) -> Bool {
    switch stage {
    case .startLine:
      guard let line = try nextHeadLine(base, count) else { return false }
      // A request may be preceded by the line end that some clients add to a body (RFC 9112 section 2.2).
      if line.isEmpty && role == .request { return true }
      try readStartLine(base, line)
      framing = HTTPFraming()
      fieldsStart = cursor
      stage = .fields
    case .fields:
      let start = cursor
      guard let line = try nextHeadLine(base, count) else { return false }
      if line.isEmpty {
        try endHead(fieldsEnd: start)
      } else {
        try framing.read(checkedField(base, line))
      }
    case .fixedBody:
      let length = framing.contentLength ?? 0
      if count - cursor < length { return false }
      body = cursor..<(cursor + length)
      cursor += length
      stage = .complete
    case .chunkHead:
      guard let line = try nextLine(base, count, budget: HTTPMessageParser.chunkLineBytes) else { return false }
      chunkRemaining = try chunkSize(UnsafeRawBufferPointer(start: base + line.lowerBound, count: line.count))
      if body.count + chunkRemaining > limits.bodyBytes { throw .bodyTooLarge }
      stage = chunkRemaining == 0 ? .trailer : .chunkData
    case .chunkData:
      let arrived = min(chunkRemaining, count - cursor)
      if arrived == 0 { return false }
      appendToBody(base, arrived)
      if chunkRemaining == 0 { stage = .chunkEnd }
    case .chunkEnd:
      if count == cursor { return false }
      if base[cursor] == UInt8(ascii: "\r") {
        if count - cursor < 2 { return false }
        cursor += 1
      }
      if base[cursor] != UInt8(ascii: "\n") { throw .malformedChunk }
      cursor += 1
      stage = .chunkHead
    case .trailer:
      guard let line = try nextHeadLine(base, count) else { return false }
      if line.isEmpty {
        stage = .complete
      } else {
        // Fields after the body may not say anything about framing (RFC 9110 section 6.5.1); they are checked and dropped.
        var ignored = HTTPFraming()
        try ignored.read(checkedField(base, line))
      }
    case .untilClose:
      if count - cursor > limits.bodyBytes { throw .bodyTooLarge }
      body = cursor..<count
      return false
    case .complete:
      break
    }
    return true
  }

  // MARK: Lines

  /// The longest line of a chunk's head, extensions included.
  private static let chunkLineBytes = 4096

  /// The next line of head or trailer, which together are bounded.
  private mutating func nextHeadLine(
    _ base: UnsafeMutablePointer<UInt8>, _ count: Int
  ) throws(HTTPViolation) -> Range<Int>? {
    let start = cursor
    let line = try nextLine(base, count, budget: limits.headBytes - lineBytes)
    lineBytes += cursor - start
    return line
  }

  /// The next line without its end (CRLF, or LF alone as RFC 9112 section 2.2 allows), nil when its end has not arrived.
  private mutating func nextLine(
    _ base: UnsafeMutablePointer<UInt8>, _ count: Int, budget: Int
  ) throws(HTTPViolation) -> Range<Int>? {
    let from = cursor + searched
    guard let found = memchr(base + from, Int32(UInt8(ascii: "\n")), count - from) else {
      searched = count - cursor
      if searched > budget { throw .headTooLarge }
      return nil
    }
    let lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
    if lineEnd + 1 - cursor > budget { throw .headTooLarge }
    var last = lineEnd
    if last > cursor && base[last - 1] == UInt8(ascii: "\r") { last -= 1 }
    let line = cursor..<last
    cursor = lineEnd + 1
    searched = 0
    return line
  }

  /// A field line's bytes, when it is neither folded nor carries what could be taken for another line's end.
  private func checkedField(
    _ base: UnsafeMutablePointer<UInt8>, _ line: Range<Int>
  ) throws(HTTPViolation) -> UnsafeRawBufferPointer {
    let first = base[line.lowerBound]
    if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { throw .foldedField }
    let start = base + line.lowerBound
    if memchr(start, 0, line.count) != nil || memchr(start, Int32(UInt8(ascii: "\r")), line.count) != nil {
      throw .malformedField
    }
    return UnsafeRawBufferPointer(start: start, count: line.count)
  }

  // MARK: Head

  private mutating func readStartLine(
    _ base: UnsafeMutablePointer<UInt8>, _ line: Range<Int>
  ) throws(HTTPViolation) {
    switch role {
    case .request: try readRequestLine(base, line)
    case .response: try readStatusLine(base, line)
    }
  }

  /// `HTTP/1.1 200 OK`; the reason may be absent, with or without the space before it.
  private mutating func readStatusLine(
    _ base: UnsafeMutablePointer<UInt8>, _ line: Range<Int>
  ) throws(HTTPViolation) {
    let start = line.lowerBound
    if line.count < 12 || base[start + 8] != UInt8(ascii: " ") {
      // Distinguishes another protocol's greeting from another version of this one.
      if line.count >= 5 && hasPrefix(base + start, "HTTP/") && !hasPrefix(base + start, "HTTP/1.", line.count) {
        throw .unsupportedVersion
      }
      throw .malformedStartLine
    }
    minorVersion = try version(base + start)
    var status = 0
    for index in (start + 9)..<(start + 12) {
      guard base[index] >= UInt8(ascii: "0"), base[index] <= UInt8(ascii: "9") else { throw .malformedStartLine }
      status = status * 10 + Int(base[index] - UInt8(ascii: "0"))
    }
    if status < 100 || (line.count > 12 && base[start + 12] != UInt8(ascii: " ")) { throw .malformedStartLine }
    self.status = status
  }

  /// `POST / HTTP/1.1`, single spaces.
  private mutating func readRequestLine(
    _ base: UnsafeMutablePointer<UInt8>, _ line: Range<Int>
  ) throws(HTTPViolation) {
    let bytes = UnsafeRawBufferPointer(start: base + line.lowerBound, count: line.count)
    let space = UInt8(ascii: " ")
    guard let first = bytes.firstIndex(of: space), let last = bytes.lastIndex(of: space), last > first + 1,
      bytes.count - last == 9
    else { throw .malformedStartLine }
    let target = bytes[(first + 1)..<last]
    guard HTTPText.isToken(UnsafeRawBufferPointer(rebasing: bytes[..<first])),
      target.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
    else { throw .malformedStartLine }
    minorVersion = try version(base + line.lowerBound + last + 1)
    method = line.lowerBound..<(line.lowerBound + first)
    self.target = (line.lowerBound + first + 1)..<(line.lowerBound + last)
  }

  /// The minor version in the eight bytes `HTTP/1.x`.
  private func version(_ text: UnsafeMutablePointer<UInt8>) throws(HTTPViolation) -> Int {
    guard hasPrefix(text, "HTTP/") else { throw .malformedStartLine }
    guard text[5] == UInt8(ascii: "1"), text[6] == UInt8(ascii: "."), text[7] >= UInt8(ascii: "0"),
      text[7] <= UInt8(ascii: "9")
    else { throw .unsupportedVersion }
    return text[7] == UInt8(ascii: "0") ? 0 : 1
  }

  private func hasPrefix(_ text: UnsafeMutablePointer<UInt8>, _ prefix: StaticString, _ count: Int = .max) -> Bool {
    count >= prefix.utf8CodeUnitCount && memcmp(text, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
  }

  /// Decides what follows the empty line (RFC 9112 section 6.3).
  private mutating func endHead(fieldsEnd: Int) throws(HTTPViolation) {
    if role == .response && status < 200 {
      if status == 101 { throw .unexpectedUpgrade }
      stage = .startLine
      return
    }
    self.fieldsEnd = fieldsEnd
    body = cursor..<cursor
    if role == .request && minorVersion >= 1 && framing.hosts != 1 { throw .missingHost }
    if role == .response && (status == 204 || status == 304) {
      stage = .complete
      return
    }
    if framing.isChunked {
      // HTTP/1.0 has no transfer codings; a request with both framings is how requests are smuggled past a proxy.
      if minorVersion == 0 { throw .unsupportedTransferCoding }
      if role == .request && framing.contentLength != nil { throw .malformedContentLength }
      stage = .chunkHead
    } else if let length = framing.contentLength {
      if length > limits.bodyBytes { throw .bodyTooLarge }
      stage = length == 0 ? .complete : .fixedBody
    } else {
      stage = role == .request ? .complete : .untilClose
    }
  }

  // MARK: Chunks

  /// Hexadecimal digits, then nothing, white space, or an extension (RFC 9112 section 7.1).
  private func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTPViolation) -> Int {
    var size = 0
    var digits = 0
    for byte in line {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      case UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "\t"):
        if digits == 0 { throw .malformedChunk }
        return size
      default: throw .malformedChunk
      }
      digits += 1
      // Fifteen digits are 2^60 - 1: room for every sum made with it.
      if digits > 15 { throw .malformedChunk }
      size = size << 4 | Int(digit)
    }
    if digits == 0 { throw .malformedChunk }
    return size
  }

  private mutating func appendToBody(_ base: UnsafeMutablePointer<UInt8>, _ arrived: Int) {
    // An empty body can begin anywhere, so an answer of one chunk is never moved.
    if body.isEmpty { body = cursor..<cursor }
    if body.upperBound != cursor { memmove(base + body.upperBound, base + cursor, arrived) }
    body = body.lowerBound..<(body.upperBound + arrived)
    cursor += arrived
    chunkRemaining -= arrived
  }

  /// Takes the bytes between the body so far and what is not yet read out of the buffer, so that a body of tiny chunks
  /// needs no more room than its own size.
  private mutating func closeGap(_ base: UnsafeMutablePointer<UInt8>, _ count: inout Int) {
    switch stage {
    case .chunkHead, .chunkData, .chunkEnd, .trailer:
      let gap = cursor - body.upperBound
      if gap == 0 { return }
      memmove(base + body.upperBound, base + cursor, count - cursor)
      count -= gap
      cursor -= gap
    default:
      return
    }
  }
}
