/// Splits RFC 4180 text into rows and cells, one row at a time. Line feed and carriage return with line feed both end a
/// row; a byte order mark at the start is skipped.
package struct CSVScanner {
  private let bytes: [UInt8]
  private var position: Int

  /// Starts at the first row.
  package init(bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Puts the next row's cells in place of those given. False at the end, and for a last row that has no line end.
  package mutating func nextRow(into cells: inout [CSVText]) -> Bool {
    cells.removeAll(keepingCapacity: true)
    var cursor = position
    while cursor < bytes.count {
      let isQuoted = bytes[cursor] == 0x22
      let start = isQuoted ? cursor + 1 : cursor
      var end = start
      if isQuoted {
        while end < bytes.count, bytes[end] != 0x22 || (end + 1 < bytes.count && bytes[end + 1] == 0x22) {
          end += bytes[end] == 0x22 ? 2 : 1
        }
        cursor = end + 1
      } else {
        while end < bytes.count, bytes[end] != 0x2C, bytes[end] != 0x0A { end += 1 }
        cursor = end
      }
      guard cursor < bytes.count else { return false }
      if isQuoted, bytes[cursor] == 0x0D { cursor += 1 }
      guard cursor < bytes.count else { return false }
      let isLast = bytes[cursor] != 0x2C
      if isLast, !isQuoted, end > start, bytes[end - 1] == 0x0D { end -= 1 }
      cells.append(CSVText(bytes: bytes[start..<end], isQuoted: isQuoted))
      cursor += 1
      if isLast {
        position = cursor
        return true
      }
    }
    return false
  }
}
