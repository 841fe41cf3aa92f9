import StrictJSON
import Testing

/// The same value always gives the same bytes.
@Suite struct JSONWriterTests {
  static let value: JSONValue = ["z": [1, 2.5, "a\"\n\u{1}é"], "a": [:], "é": [], "b": [["k": true], .null]]

  @Test func compactKeepsTheOrderGiven() {
    #expect(
      JSONWriter.compact(Self.value)
        == "{\"z\":[1,2.5,\"a\\\"\\n\\u0001é\"],\"a\":{},\"é\":[],\"b\":[{\"k\":true},null]}")
  }

  @Test func prettyIndentsByTwo() {
    #expect(
      JSONWriter.pretty(["a": [1, [:]], "b": []]) == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}")
  }

  /// The sorting example of RFC 8785 section 3.2.3: UTF-16 code units, so the emoji's surrogates come before U+FB33.
  @Test func canonicalSortsByUTF16() {
    let value: JSONValue = [
      "\u{20AC}": 1, "\r": 2, "\u{FB33}": 3, "1": 4, "\u{1F600}": 5, "\u{80}": 6, "\u{F6}": 7,
    ]
    #expect(
      String(decoding: JSONWriter.canonical(value), as: UTF8.self)
        == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{F6}\":7,\"\u{20AC}\":1,\"\u{1F600}\":5,\"\u{FB33}\":3}")
  }

  /// From RFC 8785 appendix B.
  @Test(
    arguments: [
      (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
      (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
      (0x4430_0000_0000_0000, "295147905179352830000"), (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
      (0x44B5_2D02_C7E1_4AF6, "1e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
      (0x444B_1AE4_D6E2_EF50, "1e+21"), (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
      (0x3EB0_C6F7_A0B5_ED8D, "0.000001"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
      (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
    ] as [(UInt64, String)])
  func numbersAreThoseOfECMAScript(_ bits: UInt64, _ text: String) {
    #expect(JSONNumberText.text(of: Double(bitPattern: bits)) == text)
  }

  @Test func whatIsWrittenReadsBack() throws {
    for text in [JSONWriter.compact(Self.value), JSONWriter.pretty(Self.value)] {
      #expect(try JSONDocument.parse(Array(text.utf8), source: "t").value == Self.value)
    }
  }
}
