import Foundation
import RunResults
import Testing

@testable import shardmeter

/// What a user meets who gets something wrong, or whose files come from elsewhere: one line that names what was typed, and
/// the exit code.
@Suite struct UserWordsTests {
  private static let scenario = """
    {"schema": "shardmeter/1", "name": "x", "stream": {"shards": 2},
     "records": {"size": "100B", "key": {"type": "uniform", "cardinality": 10}},
     "phases": [{"name": "p", "duration": "1s", "rate": 5}]}
    """

  @Test(arguments: [
    (["--rate", "5", "--keys", "5", "--top-key", "0.1%"], "--top-key: records.key"),
    (["--rate", "5", "--record-size", "2MiB"], "--record-size: records.size"),
    (["--rate", "5", "--duration", "100us"], "--duration: phases[0].duration: expected a duration from"),
    (["--rate", "2e9"], "--rate: expected records per second up to 1000000000"),
    (
      ["--rate", "5", "--record-size", "99999999999999999999B"],
      "--record-size: expected a size with its unit from 1B to"
    ),
    (["--rate", "5", "--duration", "9999h"], "--duration: expected a length of time with its unit from 1ns to 744h"),
    (["--rate", "5", "--scale", "1e9"], "--scale: expected a factor above 0 and at most 1000000"),
    (["--rate", "5000", "--scale", "1000000"], "--scale 1000000: phases[0].rate"),
    (["--rate", "5", "--keys", "0"], "a number of keys from 1 to 1000000000000, found \"0\""),
    (["--rate", "5", "--set", "batch.records=501"], "--set batch.records=501: batch.records: expected a whole number"),
    (["--rate", "5", "--set", "batch.records=99999999999999999999"], "from 1 to 500, found 99999999999999999999"),
    (["--rate", "5", "--set", "batch.records=500.50"], "from 1 to 500, found 500.50"),
    (
      ["--rate", "5", "--set", "phases[0].rate=1e10"],
      "from 0 to 1000000000 (bytes: a size like \"5MiB\" per second), found 1e10"
    ),
    (
      ["--rate", "5", "--set", "records.key={type:1}"],
      "--set records.key={type:1}: expected a field name in double quotes"
    ),
    (
      ["--rate", "5", "--set", "stream.limits=records=0"],
      "stream.limits.records: expected a whole number of records per"
    ),
  ])
  func anErrorAboutAFlagNamesIt(_ words: [String], _ expected: String) {
    let run = CommandRun(["plan"] + words)
    #expect(run.code == .usage && run.output.isEmpty)
    #expect(run.errors.contains(expected), "\(run.errors)")
    #expect(!run.errors.contains("line 1") && !run.errors.contains("command line:"), "\(run.errors)")
  }

  @Test(arguments: [
    (
      ["--limits", "records=0"],
      "--limits: expected records to be a whole number of records per second from 1 to 8589934592, found 0"
    ),
    (
      ["--limits", "bytes=1e99"],
      "--limits: expected bytes to be a size with its unit, from \"1B\" to \"8192MiB\", found 1e99"
    ),
    (["--limits", "kinesys"], "did you mean kinesis?"),
    (["--latency", "{\"type\": \"fixed\", \"value\": 5}"], "--latency: expected value to be a duration from"),
    (["--latency", "{\"type\": fixed}"], "--latency: expected type to be a value, found \"fixed\""),
    (["--fault", "500:200%"], "--fault: expected probability to be a share from 0 to 1, or in per cent"),
    (["--fault", "500:1.50"], "found 1.50"),
    (["--capacity", "2e9"], "--capacity: expected records per second above 0 and at most 1000000000"),
    (["--transition", "9999h"], "--transition: expected a length of time with its unit from 0s to 744h"),
    (["--retain", "much"], "--retain: expected a size with its unit from 0 to"),
  ])
  func anErrorAboutATargetsFlagNamesIt(_ words: [String], _ expected: String) {
    let run = CommandRun(["target"] + words)
    #expect(run.code == .usage && run.output.isEmpty)
    #expect(run.errors.contains(expected), "\(run.errors)")
    #expect(!run.errors.contains("line 1"), "\(run.errors)")
  }

  @Test func aScenarioWithAByteOrderMarkIsRead() throws {
    let scratch = try Scratch()
    #expect(CommandRun(["plan", try scratch.file("mark.json", "\u{FEFF}" + Self.scenario)]).code == .ok)
  }

  @Test(arguments: [
    (String.Encoding.utf16, "UTF-16"), (.utf16LittleEndian, "UTF-16"), (.utf16BigEndian, "UTF-16"), (.utf32, "UTF-32"),
  ])
  func aScenarioInAnotherEncodingIsNamed(_ encoding: String.Encoding, _ name: String) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/wide.json"
    try #require(Self.scenario.data(using: encoding)).write(to: URL(fileURLWithPath: path))
    let run = CommandRun(["plan", path])
    #expect(run.code == .usage)
    #expect(run.errors == "shardmeter plan: \(path): expected text in UTF-8, found text in \(name)\n")
  }

  /// Keys of a trace may be customers' names; those that a scenario writes or makes are the user's own.
  @Test(arguments: [[], ["--keys", "show"], ["--keys", "hide"]])
  func keysOfATraceAreHashedUnlessAskedFor(_ words: [String]) throws {
    let scratch = try Scratch()
    _ = try scratch.file("t.csv", "t_s,key,size\n1773479700,a,10\n1773479701,b,20\n1773479702,a,30\n")
    let path = try scratch.file("t.json", #"{"schema":"shardmeter/1","name":"t","records":{"trace":{"path":"t.csv"}}}"#)
    let run = CommandRun(["plan", path, "--json"] + words)
    #expect(run.code == .ok)
    let keys = try #require(run.output.components(separatedBy: "\"keys\"").last)
    #expect(keys.contains("\"a\"") == words.contains("show"), "\(run.output)")
    #expect(keys.contains("0x0cc175b9c0f1b6a831c399e269772661") == words.isEmpty, "\(run.output)")
  }

  /// 16 characters of a key are shown in a table; an escape or a character is there whole or not at all.
  @Test(arguments: [
    ("Größe-Zürich-0042", "Größe-Z..ch-0042", "Gr..ch-0042"), ("東京都千代田区", "東京都千代田区", ".."),
    ("e\u{301}tude", "e\u{301}tude", "e\\u{301}tude"), ("a\u{202e}b", "a\\u{202e}b", "a\\u{202e}b"),
  ])
  func keysBeyondASCIIAreShownWhereTheLocaleTakesThem(_ key: String, _ unicode: String, _ ascii: String) throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "k.json",
      Self.scenario.replacing(
        #"{"type": "uniform", "cardinality": 10}"#,
        with: #"{"type": "weighted", "values": [{"key": "\#(key)", "share": 0.6}, {"key": "b", "share": 0.4}]}"#))
    for (locale, shown) in [("C.UTF-8", unicode), ("C", ascii), ("", ascii)] {
      let run = CommandRun(["plan", path], environment: ["LC_ALL": locale])
      #expect(run.code == .ok)
      #expect(run.output.split(separator: "\n").contains { $0.hasPrefix(shown + " ") }, "\(run.output)")
      #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
    let unknown = ["plan", path, "--set", "records.key=\(key)"]
    #expect(
      CommandRun(unknown, environment: ["LANG": "de_DE.UTF-8"]).errors.contains("\(key)") == !key.contains("\u{202e}"))
    #expect(CommandRun(unknown).errors.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test func exitCodesAreAdvertisedOnlyWhereACommandGivesThem() {
    let help = CommandRun(["--help"]).output
    #expect(["3", "4", "5", "7"].allSatisfy { help.contains("\n  \($0) ") } && !help.contains("\n  8 "))
  }
}
