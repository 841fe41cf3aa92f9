import Glibc

/// The header lines of a message as they lie in the receive buffer, looked up by name when somebody asks.
///
/// Only valid as long as the message it belongs to.
package struct HTTPFields {
  /// The lines between start line and empty line, line ends included.
  let lines: UnsafeRawBufferPointer

  /// Looks into these lines; they have passed the parser, so each has a colon and a line end.
  package init(lines: UnsafeRawBufferPointer) {
    self.lines = lines
  }

  /// The bytes of the first field with this name (any case), without white space around them.
  ///
  /// - Complexity: O(bytes of the head).
  package func bytes(named name: String) -> UnsafeRawBufferPointer? {
    guard let base = lines.baseAddress else { return nil }
    let length = name.utf8.count
    var start = 0
    while let end = memchr(base + start, Int32(UInt8(ascii: "\n")), lines.count - start) {
      let line = UnsafeRawBufferPointer(start: base + start, count: UnsafeRawPointer(end) - base - start)
      start += line.count + 1
      // A name is a token, which has no colon: another one of this length ends at the same place.
      guard line.count > length, line[length] == UInt8(ascii: ":") else { continue }
      if HTTPText.isEqual(UnsafeRawBufferPointer(rebasing: line[..<length]), ignoringCase: name) {
        return HTTPText.trimmed(UnsafeRawBufferPointer(rebasing: line[(length + 1)...]))
      }
    }
    return nil
  }

  /// The text of the first field with this name (any case); bytes that are not UTF-8 are replaced.
  package subscript(name: String) -> String? {
    bytes(named: name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// All fields in the order sent, names as sent.
  package var all: [(name: String, value: String)] {
    var rest = lines
    var found: [(name: String, value: String)] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = HTTPText.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
      found.append((String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return found
  }
}

/// The members of a comma-separated field value, without the white space around them; empty ones are members too (RFC
/// 9110 section 5.6.1). Unlike `split` it allocates nothing, since a length is read in every message.
struct HTTPListMembers: Sequence, IteratorProtocol {
  private var rest: UnsafeRawBufferPointer?

  /// The members of this value, at least one.
  init(_ value: UnsafeRawBufferPointer) {
    rest = value
  }

  /// The next member.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard let rest else { return nil }
    guard let comma = rest.firstIndex(of: UInt8(ascii: ",")) else {
      self.rest = nil
      return HTTPText.trimmed(rest)
    }
    self.rest = UnsafeRawBufferPointer(rebasing: rest[(comma + 1)...])
    return HTTPText.trimmed(UnsafeRawBufferPointer(rebasing: rest[..<comma]))
  }
}

/// Small questions about bytes of HTTP text (RFC 9110 section 5.6).
enum HTTPText {
  /// Whether bytes spell an ASCII word, letters in any case.
  static func isEqual(_ bytes: UnsafeRawBufferPointer, ignoringCase word: String) -> Bool {
    guard bytes.count == word.utf8.count else { return false }
    var index = 0
    for letter in word.utf8 {
      if lowercased(bytes[index]) != lowercased(letter) { return false }
      index += 1
    }
    return true
  }

  /// Whether a comma-separated list has the word as one of its members, letters in any case.
  static func list(_ bytes: UnsafeRawBufferPointer, contains word: String) -> Bool {
    for member in HTTPListMembers(bytes) where isEqual(member, ignoringCase: word) { return true }
    return false
  }

  /// The bytes without spaces, tabs and the carriage return of a line end around them.
  static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var first = 0
    var last = bytes.count
    while first < last, isBlank(bytes[first]) { first += 1 }
    while first < last, isBlank(bytes[last - 1]) { last -= 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[first..<last])
  }

  /// Whether all bytes may stand in a token, and there is at least one (RFC 9110 section 5.6.2).
  static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty { return false }
    for byte in bytes {
      // One bit per character below 64, and one per character from 64 on.
      let mask = byte < 64 ? tokenLow : tokenHigh
      if byte >= 128 || (mask >> UInt64(byte & 63)) & 1 == 0 { return false }
    }
    return true
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// `! # $ % & ' * + - .` and the digits.
  private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
  /// The letters and ``^ _ ` | ~``.
  private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
}

/// What the header fields say about where a message ends and whether the connection goes on (RFC 9112 sections 6 and 9.3).
struct HTTPFraming {
  /// The length named by `Content-Length`, nil without one.
  private(set) var contentLength: Int?
  /// `Transfer-Encoding` is present and is exactly `chunked`, the only coding understood.
  private(set) var isChunked = false
  /// `Connection` lists `close`.
  private(set) var saysClose = false
  /// `Connection` lists `keep-alive`.
  private(set) var saysKeepAlive = false
  /// `Expect: 100-continue`.
  private(set) var expectsContinue = false
  /// How often `Host` occurs.
  private(set) var hosts = 0

  /// Takes note of one header line without its line end.
  mutating func read(_ line: UnsafeRawBufferPointer) throws(HTTPViolation) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformedField }
    let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
    guard HTTPText.isToken(name) else { throw .malformedField }
    let value = HTTPText.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
    // Lengths differ, so at most one comparison is made for each line.
    switch name.count {
    case 4 where HTTPText.isEqual(name, ignoringCase: "host"):
      hosts += 1
    case 6 where HTTPText.isEqual(name, ignoringCase: "expect"):
      if HTTPText.isEqual(value, ignoringCase: "100-continue") { expectsContinue = true }
    case 10 where HTTPText.isEqual(name, ignoringCase: "connection"):
      if HTTPText.list(value, contains: "close") { saysClose = true }
      if HTTPText.list(value, contains: "keep-alive") { saysKeepAlive = true }
    case 14 where HTTPText.isEqual(name, ignoringCase: "content-length"):
      try readLength(value)
    case 17 where HTTPText.isEqual(name, ignoringCase: "transfer-encoding"):
      // A second line, or any other coding, is one this side cannot take off.
      if isChunked || !HTTPText.isEqual(value, ignoringCase: "chunked") { throw .unsupportedTransferCoding }
      isChunked = true
    default:
      break
    }
  }

  /// The same length may be said several times, in one line or many; two different ones make the end uncertain.
  private mutating func readLength(_ value: UnsafeRawBufferPointer) throws(HTTPViolation) {
    for member in HTTPListMembers(value) {
      if member.isEmpty { throw .malformedContentLength }
      var length = 0
      for digit in member {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { throw .malformedContentLength }
        let (product, overflow) = length.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
        if overflow || carry { throw .malformedContentLength }
        length = sum
      }
      if let contentLength, contentLength != length { throw .malformedContentLength }
      contentLength = length
    }
  }
}
