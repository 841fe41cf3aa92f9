import Measurement

/// A value in one of the files of a result folder.
package protocol ResultValue {
  /// Whether it is a number below 0.
  var isBelowZero: Bool { get }
}

extension ResultValue {
  package var isBelowZero: Bool { false }
}

extension Optional: ResultValue where Wrapped: ResultValue {
  package var isBelowZero: Bool { self?.isBelowZero ?? false }
}

/// A value that fits into one cell of a CSV file. The empty cell means *unknown* and belongs to the optional types alone.
package protocol CSVCell: ResultValue, Sendable, Equatable {
  /// Appends the cell's text, unquoted where RFC 4180 allows it.
  ///
  /// - Parameter decimals: digits behind the point, for numbers that have a fraction.
  func appendCell(to bytes: inout [UInt8], decimals: Int)

  /// Reads the cell; `nil` when the text is no such value.
  init?(cell: CSVText)

  /// What it adds to its column's sum, without its sign; 0 for what is no whole number.
  var sumPart: UInt64 { get }
}

extension CSVCell {
  package var sumPart: UInt64 { 0 }
}

/// What a number of a result folder may be: a folder can be edited by hand, and reports add, divide and draw what is in it.
/// Numbers beyond are refused when they are read, so that nothing overflows later.
package enum ResultNumber {
  /// Whole numbers: those that a double holds exactly. In bytes, 100,000 shards at their limit for a day.
  package static let integers: ClosedRange<Int64> = -(1 << 53)...(1 << 53)
  /// The columns and members that go below 0: times since the first measured phase, and differences. All others are counts,
  /// lengths and shares.
  package static let namesBelowZero: Set<String> = [
    "t_s", "start_s", "first_t_s", "last_t_s", "open_from_s", "open_to_s", "listed_t_s", "ci_low", "ci_high",
    "difference",
  ]
  /// The most that a column may add up to.
  package static let largestSum: UInt64 = 1 << 60
  /// Fractions.
  package static let fractions: ClosedRange<Double> = -1e15...1e15
  /// What is nearer to 0 is 0: files keep six decimals.
  package static let smallest = 1e-9

  /// A fraction within bounds; `nil` beyond.
  package static func fraction(_ value: Double) -> Double? {
    guard fractions.contains(value) else { return nil }
    return value.magnitude < smallest ? 0 : value
  }
}

extension Int: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) { DecimalText.append(Int64(self), to: &bytes) }
  package init?(cell: CSVText) {
    guard let value = DecimalText.integer(cell.bytes), ResultNumber.integers.contains(value) else { return nil }
    self = Int(value)
  }
  package var isBelowZero: Bool { self < 0 }
  package var sumPart: UInt64 { UInt64(magnitude) }
}

extension Double: CSVCell {
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    DecimalText.append(self, decimals: decimals, to: &bytes)
  }
  package init?(cell: CSVText) {
    guard let value = Double(cell.string).flatMap(ResultNumber.fraction) else { return nil }
    self = value
  }
  package var isBelowZero: Bool { self < 0 }
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
  /// Without control characters and whatever else cannot be seen, which stand as `VisibleText` writes them.
  package func appendCell(to bytes: inout [UInt8], decimals: Int) {
    let text = VisibleText.line(self)
    let special: (UInt8) -> Bool = { $0 == 0x2C || $0 == 0x22 }
    guard text.utf8.contains(where: special) else {
      bytes.append(contentsOf: text.utf8)
      return
    }
    bytes.append(0x22)
    for byte in text.utf8 {
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
  package var sumPart: UInt64 { self?.sumPart ?? 0 }
}
