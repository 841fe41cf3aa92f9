/// A value that fits into one cell of a CSV file. The empty cell means *unknown* and belongs to the optional types alone.
package protocol CSVCell: Sendable, Equatable {
  /// Appends the cell's text, unquoted where RFC 4180 allows it.
  ///
  /// - Parameter decimals: digits behind the point, for numbers that have a fraction.
  func appendCell(to bytes: inout [UInt8], decimals: Int)

  /// Reads the cell; `nil` when the text is no such value.
  init?(cell: CSVText)
}

extension Int: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) { DecimalText.append(Int64(self), to: &bytes) }
  package init?(cell: CSVText) {
    guard let value = DecimalText.integer(cell.bytes) else { return nil }
    self = Int(value)
  }
}

extension Double: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    DecimalText.append(self, decimals: decimals, to: &bytes)
  }
  package init?(cell: CSVText) {
    guard let value = Double(cell.string), value.isFinite else { return nil }
    self = value
  }
}

extension Bool: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    bytes.append(contentsOf: (self ? "true" : "false").utf8)
  }
  package init?(cell: CSVText) {
    switch cell.string {
    case "true": self = true
    case "false": self = false
    default: return nil
    }
  }
}

extension String: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    let special: (UInt8) -> Bool = { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    guard utf8.contains(where: special) else {
      bytes.append(contentsOf: utf8)
      return
    }
    bytes.append(0x22)
    for byte in utf8 {
      if byte == 0x22 { bytes.append(0x22) }
      bytes.append(byte)
    }
    bytes.append(0x22)
  }
  package init?(cell: CSVText) { self = cell.string }
}

/// A hash-key position: `0x` and 32 hex digits, so that no spreadsheet takes `8e10…` for a number.
extension UInt128: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    bytes.append(contentsOf: [0x30, 0x78])
    for nibble in stride(from: 124, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: self >> UInt128(nibble)) & 15
      bytes.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
    }
  }
  package init?(cell: CSVText) {
    let text = cell.string
    guard text.hasPrefix("0x"), text.utf8.count == 34, let value = UInt128(text.dropFirst(2), radix: 16) else {
      return nil
    }
    self = value
  }
}

extension Optional: CSVCell where Wrapped: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    if let self { self.appendCell(to: &bytes, decimals: decimals) }
  }
  package init?(cell: CSVText) {
    if cell.bytes.isEmpty {
      self = Wrapped?.none
    } else if let value = Wrapped(cell: cell) {
      self = value
    } else {
      return nil
    }
  }
}
