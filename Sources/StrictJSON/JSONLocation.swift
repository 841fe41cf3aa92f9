/// Where a value stands in the text it was read from.
package struct JSONLocation: Hashable, Sendable {
  /// The file's name as the user gave it, or another name for where the text came from.
  package let source: String
  /// From 1; 0 when the value stands in no text (an override from the command line).
  package let line: Int
  /// In bytes, from 1; 0 when the value stands in no text.
  package let column: Int

  /// Creates a location; without line and column it names the source alone.
  package init(source: String, line: Int = 0, column: Int = 0) {
    self.source = source
    self.line = line
    self.column = column
  }
}
