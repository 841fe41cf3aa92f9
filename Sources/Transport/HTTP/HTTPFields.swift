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
