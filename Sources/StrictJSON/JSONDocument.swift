/// A whole JSON text (RFC 8259), read strictly.
package enum JSONDocument {
  /// Containers may be nested this deep; the reader is recursive and a scenario needs no more than ten levels.
  package static let maximumDepth = 64

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8; a byte order mark at its start is passed over.
  ///   - source: the name messages give to the text, usually its file's.
  /// - Throws: `JSONFailure` with line and column for anything RFC 8259 does not allow, and also for a name that occurs
  ///   twice in one object, a number beyond a double, or nesting beyond `maximumDepth`.
  package static func parse(_ bytes: [UInt8], source: String) throws(JSONFailure) -> JSONNode {
    var parser = JSONParser(bytes: bytes, source: source)
    return try parser.parseDocument()
  }

  /// Reads the value of an option: JSON where it is JSON, else a text, so that `9000` is a number and `20ms` needs no quotes.
  ///
  /// - Parameter source: the option's name for messages, which then have no line or column.
  /// - Throws: `JSONFailure` for what begins as an object, a list or a quoted text and is none.
  package static func option(_ text: String, source: String) throws(JSONFailure) -> JSONNode {
    let location = JSONLocation(source: source)
    do throws(JSONFailure) {
      return try parse(Array(text.utf8), source: source).moved(to: .root, location: location)
    } catch {
      guard let first = text.utf8.first, "{[\"".utf8.contains(first) else {
        return JSONNode(kind: .string(text), path: .root, location: location)
      }
      throw JSONFailure(location: location, path: error.path, expected: error.expected, found: error.found)
    }
  }
}
