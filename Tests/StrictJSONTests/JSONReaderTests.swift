import StrictJSON
import Testing

/// Typed reading says path, expected and found.
@Suite struct JSONReaderTests {
  private func object(_ text: String) throws -> JSONObjectReader {
    try JSONDocument.parse(Array(text.utf8), source: "t.json").object()
  }

  @Test func unknownFieldsNameTheNearestWord() throws {
    let reader = try object("{\"raet\": 1}")
    #expect { try reader.finish(allowed: ["name", "rate"]) } throws: {
      "\($0)"
        == "t.json: raet: expected one of the fields name, rate, found the unknown field \"raet\" (line 1, column 2); "
        + "did you mean \"rate\"?"
    }
    #expect(throws: Never.self) { try reader.finish(allowed: ["raet"]) }
  }

  @Test func missingFieldsAreNamed() throws {
    let reader = try object("{}")
    #expect(reader.optional("a") == nil)
    #expect { try reader.required("a") } throws: { "\($0)".contains("expected the field \"a\", found an empty object") }
  }

  @Test(arguments: [("1e3", 1000), ("2.0", 2), ("-7", -7)] as [(String, Int64)])
  func wholeNumbersMayBeWrittenAsDoubles(_ text: String, _ value: Int64) throws {
    #expect(try object("{\"a\": \(text)}").required("a").integer() == value)
  }

  @Test(arguments: [
    ("1.5", "a whole number from 1 to 9, found 1.5"), ("0", "a whole number from 1 to 9, found 0"),
    ("\"1\"", "a whole number from 1 to 9, found \"1\""), ("[]", "a whole number from 1 to 9, found an empty list"),
    ("null", "a whole number from 1 to 9, found null"), ("1e30", "a whole number from 1 to 9, found 1e30"),
  ])
  func wrongNumbersAreShown(_ text: String, _ message: String) throws {
    let node = try object("{\"a\": \(text)}").required("a")
    #expect { try node.integer(in: 1...9) } throws: { "\($0)" == "t.json: a: expected \(message) (line 1, column 7)" }
  }

  @Test(
    arguments: [
      ("rate", ["rate"], nil), ("raet", ["rate", "name"], "rate"), ("Rate", ["rate"], "rate"),
      ("uniforn", ["uniform", "unique"], "uniform"), ("cardinalty", ["cardinality"], "cardinality"),
      ("xyz", ["rate", "name"], nil), ("", ["a"], nil), ("dur", ["duration", "rate"], "duration"),
    ] as [(String, [String], String?)])
  func nearestWords(_ word: String, _ words: [String], _ nearest: String?) {
    #expect(nearestWord(to: word, in: words) == nearest)
  }

  @Test(arguments: [
    (JSONPath.root.member("phases").element(1).member("rate"), "phases[1].rate"),
    (JSONPath.root.member("a.b"), "[\"a.b\"]"), (JSONPath.root.member("x").member(""), "x[\"\"]"),
    (JSONPath.root, ""),
  ])
  func pathsAreWrittenAsAPersonWould(_ path: JSONPath, _ text: String) {
    #expect(path.description == text)
  }
}
