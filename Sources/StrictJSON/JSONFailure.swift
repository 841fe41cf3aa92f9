/// Why a document was refused: where, what was expected there, what was found, and the word that was probably meant.
package struct JSONFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the offending text stands.
  package let location: JSONLocation
  /// The value it concerns; the root for text that is not JSON at all.
  package let path: JSONPath
  /// Completes "expected …".
  package let expected: String
  /// Completes "found …".
  package let found: String
  /// The nearest valid word, if one is near.
  package let suggestion: String?

  /// Creates a failure from its parts.
  package init(
    location: JSONLocation, path: JSONPath, expected: String, found: String, suggestion: String? = nil
  ) {
    self.location = location
    self.path = path
    self.expected = expected
    self.found = found
    self.suggestion = suggestion
  }

  /// The file's name as the user gave it.
  package var source: String { location.source }
  /// From 1; 0 when unknown.
  package var line: Int { location.line }
  /// In bytes, from 1; 0 when unknown.
  package var column: Int { location.column }

  /// One line: `burst.json: phases[1].rate: expected …, found "fast" (line 7, column 15)`.
  package var description: String {
    var text = source + ": "
    if !path.isRoot { text += path.description + ": " }
    text += "expected \(expected), found \(found)"
    if line > 0 { text += " (line \(line), column \(column))" }
    if let suggestion { text += "; did you mean \"\(suggestion)\"?" }
    return text
  }
}
