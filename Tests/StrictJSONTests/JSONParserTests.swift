import StrictJSON
import Testing

/// What RFC 8259 allows is read, everything else is refused with its place.
@Suite struct JSONParserTests {
  static func parse(_ text: String) throws -> JSONNode { try JSONDocument.parse(Array(text.utf8), source: "t.json") }

  @Test(
    arguments: [
      ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("\"\"", ""), ("\"a\\u00e9\\n\\/\"", "aé\n/"),
      ("\"\\ud83d\\ude00\"", "😀"), (" [ ] ", []), ("{}", [:]), ("[1,[2]]", [1, [2]]),
      ("{\"a\":{\"b\":[true]}}", ["a": ["b": [true]]]),
    ] as [(String, JSONValue)])
  func legalTextIsRead(_ text: String, _ value: JSONValue) throws {
    #expect(try Self.parse(text).value == value)
  }

  @Test(arguments: [
    ("", "t.json: expected a JSON document, found an empty file (line 1, column 1)"),
    ("{\"a\":1,}", "t.json: expected a field name in double quotes, found \"}\" after a comma (line 1, column 8)"),
    ("[1,]", "t.json: expected a value, found \"]\" after a comma (line 1, column 4)"),
    ("{\"a\":1} x", "t.json: expected the end of the file after the document, found \"x\" (line 1, column 9)"),
    ("{\"a\":1,\n \"a\":2}", "t.json: a: expected each field once, found \"a\" a second time (line 2, column 2)"),
    ("{\"b\":{\"a\" 1}}", "t.json: b.a: expected \":\" after the field name, found \"1\" (line 1, column 11)"),
    ("[01]", "t.json: [0]: expected a number without leading zeros, found \"01\" (line 1, column 2)"),
    ("[1.]", "t.json: [0]: expected a digit after the decimal point, found \"]\" (line 1, column 4)"),
    ("1e999", "t.json: expected a number that fits 64-bit floating point, found \"1e999\" (line 1, column 1)"),
    (
      "\"\\ud83d\"",
      "t.json: expected four hexadecimal digits of a character, or of a pair of surrogates, found \"\\\\ud83d\\\"\" "
        + "(line 1, column 2)"
    ),
    (
      "\"\\x\"",
      "t.json: expected an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX, found \"\\x\" (line 1, column 2)"
    ),
    ("\"a", "t.json: expected the closing quote of a string, found the end of the file (line 1, column 3)"),
    ("'a'", "t.json: expected a value, found a single quote (line 1, column 1)"),
    ("// x", "t.json: expected a value, found a comment (write it as a \"comment\" field) (line 1, column 1)"),
    ("NaN", "t.json: expected a value, found \"NaN\" (line 1, column 1)"),
    ("\u{FEFF}\u{FEFF}{}", "t.json: expected a value, found \"\u{FEFF}{\" (line 1, column 1)"),
    (
      "{\"a\": 1e400}",
      "t.json: a: expected a number that fits 64-bit floating point, found \"1e400\" (line 1, column 7)"
    ),
  ])
  func illegalTextIsRefusedWithItsPlace(_ text: String, _ message: String) {
    #expect { try Self.parse(text) } throws: { "\($0)" == message }
  }

  @Test func nestingHasALimit() throws {
    let deepest = JSONDocument.maximumDepth
    let fits = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
    #expect(throws: Never.self) { try Self.parse(fits) }
    #expect(throws: JSONFailure.self) { try Self.parse("[" + fits + "]") }
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try Self.parse("\u{FEFF}{\"a\": 1}").value == ["a": 1])
    #expect { try Self.parse("\u{FEFF}{x") } throws: {
      "\($0)" == "t.json: expected a field name in double quotes, found \"x\" (line 1, column 2)"
    }
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE, 0x7B, 0, 0x7D, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x7B, 0, 0x7D], "UTF-16"),
      ([0x7B, 0, 0x7D, 0], "UTF-16"), ([0, 0x7B, 0, 0x7D], "UTF-16"),
      ([0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x7B], "UTF-32"),
      ([0x7B, 0, 0, 0, 0x7D, 0, 0, 0], "UTF-32"), ([0, 0, 0, 0x7B, 0, 0, 0, 0x7D], "UTF-32"),
    ] as [([UInt8], String)])
  func otherEncodingsAreNamed(_ bytes: [UInt8], _ name: String) {
    #expect {
      try JSONDocument.parse(bytes, source: "t.json")
    } throws: {
      "\($0)" == "t.json: expected text in UTF-8, found text in \(name)"
    }
  }

  @Test(arguments: ["99999999999999999999", "1.50", "-0.0", "1E+2", "0.1000000000000000055"])
  func aNumberIsToldAsItWasTyped(_ text: String) throws {
    let node = try Self.parse("[\(text)]").array()[0]
    #expect(node.summary == text)
    let moved = node.moved(to: .root, location: JSONLocation(source: "--set a=\(text)"))
    #expect(throws: JSONFailure.self) { try moved.integer(in: 1...5) }
    #expect("\(moved.failure(expected: "5"))" == "--set a=\(text): expected 5, found \(text)")
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: JSONFailure.self) { try JSONDocument.parse([0x22, 0xFF, 0x22], source: "t.json") }
  }

  @Test func everyPrefixOfADocumentIsRefused() throws {
    let text = "{\"a\":[1.5e3,\"x\\u00e9\",true,null],\"b\":{\"c\":-1}}"
    let bytes = Array(text.utf8)
    #expect(throws: Never.self) { try JSONDocument.parse(bytes, source: "t") }
    for count in 0..<bytes.count {
      #expect(throws: JSONFailure.self) { try JSONDocument.parse(Array(bytes[..<count]), source: "t") }
    }
  }
}
