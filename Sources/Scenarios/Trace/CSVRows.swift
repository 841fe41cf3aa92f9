/// Cuts CSV (RFC 4180, line feeds alone too) into rows, whatever the pieces in which it comes.
///
/// A field may be quoted and then hold commas, line breaks and doubled quotes. Empty lines are no rows.
struct CSVRows {
  /// A row longer than this is cut off there and told as too long.
  static let longestRow = 65_536

  private enum State {
    case fieldStart, plain, quoted, quoteInQuoted
  }

  /// What is wrong with a row's form.
  enum Fault: Equatable {
    case none
    case tooLong
    case textAfterQuote
    case openQuote
  }

  private var state = State.fieldStart
  /// The row's fields, one after the other.
  private(set) var bytes: [UInt8] = []
  /// Where each field of the row ends in `bytes`.
  private(set) var ends: [Int] = []
  /// What is wrong with the row.
  private(set) var fault = Fault.none
  /// The line on which the row begins, from 1.
  private(set) var line = 1
  private var currentLine = 1

  /// A reader at the start of a text.
  init() {}

  /// The bytes of a field of the row.
  func field(_ index: Int) -> ArraySlice<UInt8> {
    guard index < ends.count else { return [] }
    return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// Reads a piece; `row` is called when a row is whole and finds it in this value.
  mutating func take(_ piece: UnsafeRawBufferPointer, row: (borrowing CSVRows) -> Void) {
    for byte in piece { take(byte, row: row) }
  }

  /// Ends the text: what is there is the last row.
  mutating func finish(row: (borrowing CSVRows) -> Void) {
    if state == .quoted { note(.openQuote) }
    endRow(row)
  }

  private mutating func take(_ byte: UInt8, row: (borrowing CSVRows) -> Void) {
    switch (byte, state) {
    case (UInt8(ascii: "\""), .fieldStart):
      state = .quoted
    case (UInt8(ascii: "\""), .quoted):
      state = .quoteInQuoted
    case (UInt8(ascii: "\""), .quoteInQuoted):
      append(byte)
      state = .quoted
    case (_, .quoted):
      if byte == UInt8(ascii: "\n") { currentLine += 1 }
      append(byte)
    case (UInt8(ascii: ","), _):
      ends.append(bytes.count)
      state = .fieldStart
    case (UInt8(ascii: "\n"), _):
      currentLine += 1
      endRow(row)
    case (_, .quoteInQuoted):
      // A carriage return may stand before the line feed.
      if byte != UInt8(ascii: "\r") { note(.textAfterQuote) }
    case (_, _):
      append(byte)
      state = .plain
    }
  }

  private mutating func append(_ byte: UInt8) {
    if bytes.count < Self.longestRow { bytes.append(byte) } else { note(.tooLong) }
  }

  private mutating func note(_ what: Fault) {
    if fault == .none { fault = what }
  }

  private mutating func endRow(_ row: (borrowing CSVRows) -> Void) {
    if state == .plain, bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if !(bytes.isEmpty && ends.isEmpty) {
      ends.append(bytes.count)
      row(self)
    }
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    fault = .none
    state = .fieldStart
    line = currentLine
  }
}
