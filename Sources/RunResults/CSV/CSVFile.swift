import Measurement

/// Header, rows and reader of a result file in the dialect of all of them: RFC 4180, comma, line feed, UTF-8 without a byte
/// order mark, header always.
package enum CSVFile {
  /// The names of a row's columns in the file's order.
  package static func columnNames<Row: CSVRow>(of type: Row.Type) -> [String] {
    var visitor = NameVisitor()
    var row = Row()
    ignoringFailure { () throws(CSVFailure) in try row.columns(&visitor) }
    return visitor.names
  }

  /// Appends the header line.
  package static func appendHeader<Row: CSVRow>(of type: Row.Type, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: columnNames(of: type).joined(separator: ",").utf8)
    bytes.append(0x0A)
  }

  /// Appends one line. O(line): the bytes change hands and are never held twice, which would copy all of them.
  package static func append<Row: CSVRow>(_ row: Row, to bytes: inout [UInt8]) {
    var visitor = WriteVisitor()
    swap(&visitor.bytes, &bytes)
    var copy = row
    ignoringFailure { () throws(CSVFailure) in try copy.columns(&visitor) }
    swap(&visitor.bytes, &bytes)
    bytes.append(0x0A)
  }

  /// A row's cells as they stand in a file, each under its column's name.
  package static func cells<Row: CSVRow>(of row: Row) -> [(name: String, bytes: [UInt8])] {
    var visitor = CellVisitor()
    var copy = row
    ignoringFailure { () throws(CSVFailure) in try copy.columns(&visitor) }
    return visitor.cells
  }

  /// The whole file: header and rows.
  package static func bytes<Row: CSVRow>(_ rows: [Row]) -> [UInt8] {
    var bytes: [UInt8] = []
    appendHeader(of: Row.self, to: &bytes)
    for row in rows { append(row, to: &bytes) }
    return bytes
  }

  /// Reads a whole file.
  ///
  /// Columns are found by name: unknown ones are ignored, and one that the file does not have keeps the value of an
  /// empty row, so files of older and newer versions can be read. A last line without its line feed is a line that a
  /// killed run was still writing: it is left out.
  ///
  /// - Throws: `CSVFailure` with row and column for a cell that is no such value or a row of another length.
  package static func rows<Row: CSVRow>(
    _ type: Row.Type, in bytes: [UInt8], file: String = Row.fileName
  ) throws(CSVFailure) -> [Row] {
    var scanner = CSVScanner(bytes: bytes)
    var cells: [CSVText] = []
    guard scanner.nextRow(into: &cells) else { return [] }
    let header = cells.map(\.string)
    var positions: [String: Int] = [:]
    for (position, name) in header.enumerated() { positions[name] = position }
    var visitor = ReadVisitor(file: file, cellPositions: columnNames(of: type).map { positions[$0] ?? -1 })
    var rows: [Row] = []
    var number = 1
    while scanner.nextRow(into: &cells) {
      number += 1
      guard cells.count == header.count else {
        throw CSVFailure(
          file: file, row: number, column: nil, reason: "\(cells.count) cells under \(header.count) columns")
      }
      visitor.begin(cells, row: number)
      var row = Row()
      try row.columns(&visitor)
      rows.append(row)
    }
    return rows
  }

  /// Naming and writing columns never throws; only reading does.
  private static func ignoringFailure(_ body: () throws(CSVFailure) -> Void) {
    do {
      try body()
    } catch {
      preconditionFailure("writing a row failed: \(error)")
    }
  }

  private struct NameVisitor: CSVVisitor {
    var names: [String] = []
    mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell, decimals: Int) {
      names.append(name.description)
    }
  }

  private struct CellVisitor: CSVVisitor {
    var cells: [(name: String, bytes: [UInt8])] = []
    mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell, decimals: Int) {
      var bytes: [UInt8] = []
      value.appendCell(to: &bytes, decimals: decimals)
      cells.append((name.description, bytes))
    }
  }

  private struct WriteVisitor: CSVVisitor {
    var bytes: [UInt8] = []
    var isFirst = true
    mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell, decimals: Int) {
      if !isFirst { bytes.append(0x2C) }
      isFirst = false
      value.appendCell(to: &bytes, decimals: decimals)
    }
  }

  private struct ReadVisitor: CSVVisitor {
    let file: String
    /// The cell of each column in the order of the declaration; -1 where the file has none.
    let cellPositions: [Int]
    private var cells: [CSVText] = []
    private var row = 0
    private var next = 0
    /// What each column adds up to.
    private var sums: [UInt64]

    init(file: String, cellPositions: [Int]) {
      self.file = file
      self.cellPositions = cellPositions
      sums = cellPositions.map { _ in 0 }
    }

    mutating func begin(_ cells: [CSVText], row: Int) {
      self.cells = cells
      self.row = row
      next = 0
    }

    mutating func column<Cell: CSVCell>(
      _ name: StaticString, _ value: inout Cell, decimals: Int
    ) throws(CSVFailure) {
      let column = next
      let position = cellPositions[column]
      next += 1
      guard position >= 0 else { return }
      guard let read = Cell(cell: cells[position]) else {
        throw CSVFailure(
          file: file, row: row, column: name.description,
          reason: "not readable: \"\(VisibleText.cut(VisibleText.line(cells[position].string), to: 60))\"")
      }
      guard !read.isBelowZero || ResultNumber.namesBelowZero.contains(name.description) else {
        throw CSVFailure(
          file: file, row: row, column: name.description, reason: "below 0: \(cells[position].string)")
      }
      // Each part is at most 2^53, so the sum is refused long before it overflows.
      sums[column] += read.sumPart
      guard sums[column] <= ResultNumber.largestSum else {
        throw CSVFailure(file: file, row: row, column: name.description, reason: "the column's sum is beyond 2^60")
      }
      value = read
    }
  }
}
