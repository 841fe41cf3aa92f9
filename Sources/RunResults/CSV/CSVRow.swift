/// A row of one of the result files. `columns` is the only place that names a column: header, writer and reader are three
/// walks along it.
package protocol CSVRow: Sendable, Equatable {
  /// The file's name in a result folder.
  static var fileName: String { get }
  /// A row of zeros and unknowns, to be read into.
  init()
  /// Shows every column to the visitor, in the file's order.
  ///
  /// New columns go to the end: readers find columns by name, but people and spreadsheets count them.
  mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure)
}

/// What is done with each column of a row in turn.
package protocol CSVVisitor {
  /// Takes note of the next column.
  ///
  /// - Parameter decimals: digits behind the point, for numbers that have a fraction.
  mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell, decimals: Int) throws(CSVFailure)
}

extension CSVVisitor {
  /// A column without a fraction.
  package mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell) throws(CSVFailure) {
    try column(name, &value, decimals: 0)
  }

  /// A time in milliseconds, to a tenth of a microsecond.
  package mutating func milliseconds(_ name: StaticString, _ value: inout Double?) throws(CSVFailure) {
    try column(name, &value, decimals: 4)
  }

  /// A ratio from 0 to 1 (or above, where something exceeds its limit), to a millionth.
  package mutating func ratio(_ name: StaticString, _ value: inout Double?) throws(CSVFailure) {
    try column(name, &value, decimals: 6)
  }

  /// A rate per second, to a thousandth.
  package mutating func rate(_ name: StaticString, _ value: inout Double?) throws(CSVFailure) {
    try column(name, &value, decimals: 3)
  }
}
