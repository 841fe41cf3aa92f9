import StrictJSON
import TestSupport
import Testing

@testable import Scenarios

/// Everything that can be wrong with a trace or a payload's file has a message; the golden file is read by a person.
@Suite struct FileMessageTests {
  private static let traces: [(what: String, trace: String)] = [
    ("empty", ""), ("only a header", "t_s,key,size\n"),
    ("no time", "time,key,size\n0,a,1\n"), ("no key", "t_s,name,size\n0,a,1\n"), ("no size", "t_s,key\n0,a\n"),
    ("two times", "t_s,t_ms,key,size\n0,0,a,1\n"), ("a column twice", "t_s,key,size,size\n0,a,1,1\n"),
    ("JSON lines without size", "{\"t_s\": 0, \"key\": \"a\"}\n"), ("other JSON", "[]\n"),
    (
      "bad rows of every sort",
      "t_s,key,size,explicit_hash_key\n0,a,1,\n-1,a,1,\nnow,a,1,\n1,,1,\n1,a,,\n1,a,1.5,\n1,a,1,x\n1,a\n"
        + "1700000000,a,1,\n\"1\"x,a,1,\n1,a,9999999,\n"
    ),
    (
      "more than ten bad rows",
      "t_ms,key,size\n" + (0..<25).map { $0 % 2 == 0 ? "\($0),a,1\n" : "\($0),a,-\n" }.joined()
    ),
    (
      "times since 1970 and since the start",
      "t_ms,key,size\n1773479700000,a,1\n5,a,1\n1773479701000,a,1\n"
    ),
    ("milliseconds as seconds", "t_s,key,size\n1773479700000,a,1\n"),
    ("UTF-16", "\0t\0_\0s\0,\0k\0e\0y\0,\0s\0i\0z\0e\0\n\0000,a,1\n"),
    ("a time of day", "time_utc,key,size\n2026-03-14 09:15,a,1\n"),
    ("a short hash", "t_s,hash,size\n0,ff,1\n"),
    ("a key that is too long", "t_s,key,size\n0,\(String(repeating: "é", count: 257)),1\n"),
    ("an open quote", "t_s,key,size\n0,a,1\n0,\"a,1\n0,a,1\n"),
    ("a line over 64 KiB", "t_s,key,size\n0,\(String(repeating: "x", count: 70_000)),1\n"),
    (
      "bad JSON lines",
      "{\"t_s\": 0, \"key\": \"a\", \"size\": 1}\n{\"t_s\": 0, \"key\": 5.5, \"size\": 1}\n{\"t_s\": 0, \"size\": 1}\n"
        + "{\"t_s\": true, \"key\": \"a\", \"size\": 1}\nnull\n{\"t_s\": \n{\"t_s\": 0, \"key\": \"a\", \"size\": -1}\n"
    ),
  ]

  private static let scenarios: [(what: String, text: String)] = [
    ("no such file", Fixture.traceText().replacing("trace.csv", with: "nowhere.csv")),
    ("a key beside a trace", Fixture.traceText().replacing("{\"trace\"", with: "{\"key\": \"unique\", \"trace\"")),
    ("identity beside a trace", Fixture.traceText().replacing("{\"trace\"", with: "{\"identity\": true, \"trace\"")),
    (
      "a payload pool beside a trace",
      Fixture.traceText().replacing("\"records\"", with: "\"client\": {\"payloadPool\": 9}, \"records\"")
    ),
    ("a rate beside a trace", Fixture.traceText(phases: "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 5}")),
    (
      "arrivals beside a trace",
      Fixture.traceText(phases: "{\"name\": \"a\", \"duration\": \"1s\", \"arrivals\": \"poisson\"}")
    ),
    (
      "another size in one phase",
      Fixture.traceText(phases: "{\"name\": \"a\", \"duration\": \"1s\", \"override\": {\"records.size\": 5}}")
    ),
    (
      "files beside a trace",
      Fixture.traceText().replacing(
        "{\"trace\"", with: "{\"payload\": {\"type\": \"files\", \"paths\": [\"trace.csv\"]}, \"trace\"")
    ),
    ("a loop without phases", Fixture.traceText("\"loop\": true")),
    ("no speed", Fixture.traceText("\"speed\": 0")),
    ("no path", Fixture.traceText().replacing("\"trace.csv\"", with: "\"\"")),
    ("another content", Fixture.traceText("\"sha256\": \"\(String(repeating: "0", count: 64))\"")),
    ("no rate and no trace", Fixture.text(phases: "{\"name\": \"a\", \"duration\": \"1s\"}")),
    (
      "size beside files",
      Fixture.text(
        records: "\"size\": 5, \"key\": \"unique\", \"payload\": {\"type\": \"files\", \"paths\": [\"trace.csv\"]}")
    ),
    (
      "no such payload",
      Fixture.text(records: "\"key\": \"unique\", \"payload\": {\"type\": \"files\", \"paths\": [\"nowhere.bin\"]}")
    ),
    (
      "a payload over the limit",
      Fixture.text(records: "\"key\": \"unique\", \"payload\": {\"type\": \"files\", \"paths\": [\"large.bin\"]}")
    ),
    ("no such shard map", Fixture.text(more: "\"stream\": {\"shardMap\": \"nowhere.json\"}")),
    ("a shard map of something else", Fixture.text(more: "\"stream\": {\"shardMap\": \"trace.csv\"}")),
    ("a shard map with a gap", Fixture.text(more: "\"stream\": {\"shardMap\": \"gap.json\"}")),
    (
      "a shard that the map has not",
      Fixture.text(
        key: "{\"type\": \"shard\", \"shards\": [2], \"cardinality\": 9}",
        more: "\"stream\": {\"shardMap\": \"two.json\"}")
    ),
    (
      "a kind without size",
      Fixture.text(records: "\"mix\": [{\"share\": 1, \"key\": \"unique\"}]")
    ),
  ]

  @Test func everyMistakeHasAMessage() {
    var report = ""
    func note(_ what: String, _ text: String, _ files: MemoryFiles) {
      do {
        _ = try Scenario.load(bytes: Array(text.utf8), source: "t.json", files: files)
        Issue.record("accepted: \(what)")
      } catch {
        report += "\(what)\n  \(error)\n"
      }
    }
    for (what, trace) in Self.traces { note(what, Fixture.traceText(), MemoryFiles(["trace.csv": trace])) }
    let files = MemoryFiles([
      "trace.csv": "t_s,key,size\n0,a,1\n", "large.bin": String(repeating: "x", count: 1_048_577),
      "gap.json": Fixture.shardList(ends: ["9"]),
      "two.json": Fixture.shardList(ends: ["9", "340282366920938463463374607431768211455"]),
    ])
    for (what, text) in Self.scenarios { note(what, text, files) }
    expectGolden(report, "file-messages.txt")
  }
}
