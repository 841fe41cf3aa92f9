import Testing

@testable import Observations
@testable import RunResults

@Suite struct CSVTests {
  /// Fills every column with something else than an empty row has.
  private struct Filler: CSVVisitor {
    var step = 0
    mutating func column<Cell: CSVCell>(_ name: StaticString, _ value: inout Cell, decimals: Int) {
      step += 1
      let candidates: [any CSVCell] = [
        step, Optional(step), Double(step) + 0.25, Optional(Double(step) + 0.25), "a,\"b\"\(step)",
        Optional("k\(step)"), true, Optional(UInt128(step) << 100), UInt128(step) << 90,
      ]
      for candidate in candidates {
        if let candidate = candidate as? Cell, type(of: candidate) == Cell.self { value = candidate }
      }
    }
  }

  private func expectRoundTrip<Row: CSVRow>(_ type: Row.Type) throws {
    var filled = Row()
    var filler = Filler()
    try filled.columns(&filler)
    #expect(filled != Row())
    for rows in [[], [filled], [Row(), filled], [filled, Row(), filled]] {
      let bytes = CSVFile.bytes(rows)
      #expect(try CSVFile.rows(type, in: bytes) == rows)
      #expect(try CSVFile.bytes(CSVFile.rows(type, in: bytes)) == bytes)
    }
    let names = CSVFile.columnNames(of: type)
    #expect(Set(names).count == names.count)
    #expect(
      names.allSatisfy { name in name.utf8.allSatisfy { $0 == 0x5F || ($0 >= 0x30 && $0 <= 0x39) || $0 >= 0x61 } })
  }

  @Test func everyFileReadsBackAsWritten() throws {
    try expectRoundTrip(TimeseriesRow.self)
    try expectRoundTrip(ShardRow.self)
    try expectRoundTrip(ShardSecondRow.self)
    try expectRoundTrip(ResponseBinRow.self)
    try expectRoundTrip(PhaseRow.self)
    try expectRoundTrip(LatencyRow.self)
    try expectRoundTrip(KeyRow.self)
    try expectRoundTrip(ErrorRow.self)
    try expectRoundTrip(HistoryRow.self)
  }

  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""),
    ("\"", "\"\"\"\""), ("Schlüssel", "Schlüssel"), ("日本 ❤️", "日本 ❤️"),
  ])
  func textIsQuotedWhereTheFormatNeedsIt(text: String, cell: String) throws {
    var row = ErrorRow()
    row.code = text
    let bytes = CSVFile.bytes([row])
    #expect(String(decoding: bytes, as: UTF8.self).contains("\n,,\(cell),,0,"))
    #expect(try CSVFile.rows(ErrorRow.self, in: bytes) == [row])
  }

  @Test(arguments: [
    ("two\nlines,\r\n", "\"two\\x0alines,\\x0d\\x0a\""), ("\u{1B}[2J\0\u{9B}31m", "\\x1b[2J\\x00\\x9b31m"),
    ("\u{202E}evil\u{2028}\u{FFFE}\u{10FFFF}", "\\u{202e}evil\\u{2028}\\u{fffe}\\u{10ffff}"),
  ])
  func whatCannotBeSeenIsWrittenOut(text: String, cell: String) throws {
    var row = ErrorRow()
    row.code = text
    #expect(String(decoding: CSVFile.bytes([row]), as: UTF8.self).contains("\n,,\(cell),,0,"))
  }

  @Test(arguments: [
    (0.0, 4, "0"), (1.5, 4, "1.5"), (-1.5, 4, "-1.5"), (-0.25, 1, "-0.3"), (0.00004, 4, "0"), (0.00005, 4, "0.0001"),
    (8.16, 4, "8.16"),
    (99.9, 4, "99.9"), (1e18, 4, "1000000000000000000"), (0.1 + 0.2, 6, "0.3"), (12, 0, "12"), (0.05, 2, "0.05"),
  ])
  func numbersHaveAFixedPrecision(value: Double, decimals: Int, text: String) {
    var bytes: [UInt8] = []
    DecimalText.append(value, decimals: decimals, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
  }

  /// Numbers that a report could not add, divide or draw.
  @Test(arguments: [
    ("records", "9007199254740993", "not readable"), ("records", "-1", "below 0"),
    ("share_ratio", "1e16", "not readable"),
    ("share_ratio", "nan", "not readable"), ("share_ratio", "-0.5", "below 0"),
  ])
  func numbersBeyondBoundsAreRefused(column: String, cell: String, reason: String) {
    do {
      _ = try CSVFile.rows(KeyRow.self, in: Array("\(column)\n\(cell)\n".utf8))
      Issue.record("\(cell) was read")
    } catch {
      #expect((error.row, error.column) == (2, column))
      #expect(error.reason.hasPrefix(reason))
    }
  }

  @Test func sumsBeyondBoundsAreRefused() throws {
    let line = "9007199254740992\n"
    let whole = "records\n" + String(repeating: line, count: 128)
    #expect(try CSVFile.rows(KeyRow.self, in: Array(whole.utf8)).count == 128)
    #expect(throws: CSVFailure.self) { try CSVFile.rows(KeyRow.self, in: Array((whole + line).utf8)) }
    #expect(try CSVFile.rows(TimeseriesRow.self, in: Array("t_s\n-12\n".utf8)).first?.tS == -12)
  }

  @Test func unknownIsEmptyAndHashesKeepAllDigits() {
    var row = KeyRow()
    row.hash = 0x8e10
    let text = String(decoding: CSVFile.bytes([row]), as: UTF8.self)
    #expect(text.contains(",0x00000000000000000000000000008e10,0,0,0,,,0\n"))
  }

  @Test func lineOfAKilledRunIsLeftOut() throws {
    var row = ShardSecondRow()
    row.traffic.attempted = 7
    let bytes = CSVFile.bytes([row, row])
    for cut in 1..<bytes.count {
      let rows = try CSVFile.rows(ShardSecondRow.self, in: Array(bytes.dropLast(cut)))
      #expect(rows.count <= 1, "cut \(cut)")
      #expect(rows.allSatisfy { $0 == row }, "cut \(cut)")
    }
  }

  @Test func columnsAreFoundByName() throws {
    let text = "records,new_column,measured,t_s\r\n5,x,true,-3\r\n"
    let rows = try CSVFile.rows(ResponseBinRow.self, in: Array(text.utf8))
    var expected = ResponseBinRow()
    expected.records = 5
    expected.measured = true
    expected.tS = -3
    #expect(rows == [expected])
  }

  @Test(arguments: [
    ("t_s,records\n1\n", "response_bins.csv row 2: 1 cells under 2 columns"),
    ("t_s,records\n1,2\nx,2\n", "response_bins.csv row 3, column t_s: not readable: \"x\""),
    ("records\n1.5\n", "response_bins.csv row 2, column records: not readable: \"1.5\""),
    ("records\n\n", "response_bins.csv row 2, column records: not readable: \"\""),
    ("from_ms\nnan\n", "response_bins.csv row 2, column from_ms: not readable: \"nan\""),
    ("measured\n1\n", "response_bins.csv row 2, column measured: not readable: \"1\""),
    (
      "records\n9223372036854775808\n", "response_bins.csv row 2, column records: not readable: \"9223372036854775808\""
    ),
  ])
  func brokenCellsAreNamed(text: String, message: String) {
    do throws(CSVFailure) {
      let rows = try CSVFile.rows(ResponseBinRow.self, in: Array(text.utf8))
      Issue.record("read as \(rows)")
    } catch {
      #expect(error.description == message)
    }
  }
}
