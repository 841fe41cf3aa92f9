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
