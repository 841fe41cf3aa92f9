/// Why a result file could not be read.
package struct CSVFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name.
  package let file: String
  /// From 1; the header is line 1. Counts rows, which are lines as long as no cell holds a line break.
  package let row: Int
  /// The column's name; `nil` when the row itself is broken.
  package let column: String?
  /// What is wrong, as a clause.
  package let reason: String

  /// One line: `shards.csv row 3, column throttle_ratio: no number: "high"`.
  package var description: String {
    "\(file) row \(row)" + (column.map { ", column \($0)" } ?? "") + ": " + reason
  }
}
