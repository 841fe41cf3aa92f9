/// A whole JSON text (RFC 8259), read strictly.
package enum JSONDocument {
  /// Containers may be nested this deep; the reader is recursive and a scenario needs no more than ten levels.
  package static let maximumDepth = 64

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8, without a byte order mark.
  ///   - source: the name messages give to the text, usually its file's.
  /// - Throws: `JSONFailure` with line and column for anything RFC 8259 does not allow, and also for a name that occurs
  ///   twice in one object, a number beyond a double, or nesting beyond `maximumDepth`.
  package static func parse(_ bytes: [UInt8], source: String) throws(JSONFailure) -> JSONNode {
    var parser = JSONParser(bytes: bytes, source: source)
    return try parser.parseDocument()
  }
}
