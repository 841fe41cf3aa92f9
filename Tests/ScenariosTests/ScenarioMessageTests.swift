import StrictJSON
import TestSupport
import Testing

/// Everything a scenario can get wrong has a message; the golden file is read by a person.
@Suite struct ScenarioMessageTests {
  /// What is changed in a good scenario, and how.
  static let mistakes: [(what: String, text: String)] =
    [
      ("no object", "[]"),
      ("trailing comma", "{\"schema\": \"shardmeter/1\",}"),
      ("missing name", "{\"schema\": \"shardmeter/1\", \"records\": {}, \"phases\": []}"),
      ("missing records", "{\"schema\": \"shardmeter/1\", \"name\": \"t\", \"phases\": []}"),
      ("other schema", "{\"schema\": \"shardmeter/2\", \"name\": \"t\", \"records\": {}, \"phases\": []}"),
      ("unknown field", Fixture.text(more: "\"thresholdz\": []")),
      ("name with a space", Fixture.text(more: "\"stream\": {\"name\": \"my stream\"}")),
      ("empty stream name", Fixture.text(more: "\"stream\": {\"name\": \"\"}")),
      ("negative seed", Fixture.text(more: "\"seed\": -1")),
      ("no shards", Fixture.text(more: "\"stream\": {\"shards\": 0}")),
      ("unknown limits", Fixture.text(more: "\"stream\": {\"limits\": \"kinesi\"}")),
      ("unknown rule of limits", Fixture.text(more: "\"stream\": {\"limits\": {\"rule\": \"leaky\"}}")),
      ("burst without a bucket", Fixture.text(more: "\"stream\": {\"limits\": \"rule=second,recordBurst=5\"}")),
      (
        "numbers without a rule",
        Fixture.text(more: "\"embedded\": {\"limits\": {\"rule\": \"none\", \"bytes\": \"1KiB\"}}")
      ),
      ("empty phases", Fixture.text(phases: "")),
      ("501 records a batch", Fixture.text(more: "\"batch\": {\"records\": 501}")),
      ("0 records a batch", Fixture.text(more: "\"batch\": {\"records\": 0}")),
      ("batch over the request limit", Fixture.text(more: "\"batch\": {\"bytes\": \"11MiB\"}")),
      ("batch smaller than a record", Fixture.text(more: "\"batch\": {\"bytes\": \"64B\"}")),
      ("linger without unit", Fixture.text(more: "\"batch\": {\"linger\": 100}")),
      ("linger with unknown unit", Fixture.text(more: "\"batch\": {\"linger\": \"100 ms\"}")),
      ("no producers", Fixture.text(more: "\"client\": {\"producers\": 0}")),
      ("no time-out", Fixture.text(more: "\"client\": {\"timeout\": \"0s\"}")),
      ("unknown late policy", Fixture.text(more: "\"client\": {\"late\": \"pace\"}")),
      ("bare name of a type with fields", Fixture.text(more: "\"client\": {\"late\": \"skip\"}")),
      ("unknown retry", Fixture.text(more: "\"client\": {\"retry\": {\"type\": \"failed-record\"}}")),
      (
        "no attempts", Fixture.text(more: "\"client\": {\"retry\": {\"type\": \"failed-records\", \"maxAttempts\": 0}}")
      ),
      ("a payload pool beyond its range", Fixture.text(more: "\"client\": {\"payloadPool\": 10001}")),
      ("a payload pool of unique keys", Fixture.text(key: "\"unique\"", more: "\"client\": {\"payloadPool\": 9}")),
      (
        "a payload pool beyond its memory",
        Fixture.text(size: "\"10KiB\"", more: "\"client\": {\"payloadPool\": 1000, \"producers\": 2}")
      ),
      (
        "a payload pool of keys that drift",
        Fixture.text(
          key: "{\"type\": \"weighted\", \"values\": [{\"key\": \"a\", \"share\": 0.5}], \"rest\": "
            + "{\"type\": \"drift\", \"cardinality\": 50, \"hotKeyShare\": 0.1, \"hotTrafficShare\": 0.8, \"period\": \"1s\"}}",
          more: "\"client\": {\"payloadPool\": 9}")
      ),
      (
        "a payload pool with identities",
        Fixture.text(
          records: "\"size\": \"90B\", \"key\": \"constant\", \"identity\": true",
          more: "\"client\": {\"payloadPool\": 9}")
      ),
    ] + recordMistakes + phaseMistakes + thresholdMistakes + embeddedMistakes + sizingMistakes
    + searchMistakes

  private static let recordMistakes: [(String, String)] = [
    ("no size", Fixture.text(records: "\"key\": \"unique\"")),
    ("2 MiB record", Fixture.text(size: "\"2MiB\"")),
    ("20 MiB record", Fixture.text(size: "\"20MiB\"")),
    ("size without unit", Fixture.text(size: "\"100\"")),
    ("size of an unknown type", Fixture.text(size: "{\"type\": \"lognorml\"}")),
    ("size without type", Fixture.text(size: "{\"value\": 3}")),
    ("lognormal without max", Fixture.text(size: "{\"type\": \"lognormal\", \"median\": \"1KiB\", \"p99\": \"2KiB\"}")),
    (
      "lognormal with p99 below the median",
      Fixture.text(size: "{\"type\": \"lognormal\", \"median\": \"1KiB\", \"p99\": \"512B\", \"max\": \"2KiB\"}")
    ),
    ("uniform with max below min", Fixture.text(size: "{\"type\": \"uniform\", \"min\": 9, \"max\": 3}")),
    (
      "weights of zero",
      Fixture.text(size: "{\"type\": \"weighted\", \"values\": [{\"size\": \"1KiB\", \"weight\": 0}]}")
    ),
    ("pareto without tail", Fixture.text(size: "{\"type\": \"pareto\", \"min\": 9, \"shape\": 0, \"max\": 30}")),
    ("unknown key type", Fixture.text(key: "{\"type\": \"zipff\", \"cardinality\": 10}")),
    ("keys as a number", Fixture.text(key: "100")),
    ("no keys", Fixture.text(key: "{\"type\": \"uniform\", \"cardinality\": 0}")),
    (
      "exponent and topShare",
      Fixture.text(
        key: "{\"type\": \"zipf\", \"cardinality\": 10, \"exponent\": 1, \"topShare\": \"20%\"}")
    ),
    ("impossible topShare", Fixture.text(key: "{\"type\": \"zipf\", \"cardinality\": 10, \"topShare\": \"2%\"}")),
    ("negative exponent", Fixture.text(key: "{\"type\": \"zipf\", \"cardinality\": 10, \"exponent\": -1}")),
    (
      "no hot keys",
      Fixture.text(
        key: "{\"type\": \"hotspot\", \"cardinality\": 10, \"hotKeyShare\": 0, \"hotTrafficShare\": 0.5}")
    ),
    (
      "share over 1",
      Fixture.text(
        key: "{\"type\": \"hotspot\", \"cardinality\": 10, \"hotKeyShare\": 0.1, \"hotTrafficShare\": \"150%\"}")
    ),
    ("keys too short", Fixture.text(key: "{\"type\": \"uniform\", \"cardinality\": 1000, \"length\": 6}")),
    (
      "prefix longer than the key",
      Fixture.text(
        key: "{\"type\": \"uniform\", \"cardinality\": 10, \"prefix\": \"tenant-\", \"length\": 5}")
    ),
    ("empty key", Fixture.text(key: "{\"type\": \"constant\", \"value\": \"\"}")),
    (
      "shares without rest",
      Fixture.text(
        key: "{\"type\": \"weighted\", \"values\": [{\"key\": \"a\", \"share\": 0.5}]}")
    ),
    (
      "shares over 1",
      Fixture.text(
        key:
          "{\"type\": \"weighted\", \"values\": [{\"key\": \"a\", \"share\": 0.7}, {\"key\": \"b\", \"share\": 0.7}], "
          + "\"rest\": \"unique\"}")
    ),
    (
      "a key twice",
      Fixture.text(
        key:
          "{\"type\": \"weighted\", \"values\": [{\"key\": \"a\", \"share\": 0.5}, {\"key\": \"a\", \"share\": 0.5}]}")
    ),
    ("shard out of range", Fixture.text(key: "{\"type\": \"shard\", \"shards\": [4], \"cardinality\": 10}")),
    (
      "shard out of reach",
      Fixture.text(
        key: "{\"type\": \"shard\", \"shards\": [63], \"cardinality\": 2}", more: "\"stream\": {\"shards\": 64}")
    ),
    ("unknown payload", Fixture.text(records: "\"size\": 9, \"key\": \"unique\", \"payload\": \"radom\"")),
    (
      "hash key out of range",
      Fixture.text(
        records: "\"size\": 9, \"key\": \"unique\", \"explicitHashKey\": {\"type\": \"values\", \"values\": "
          + "[\"340282366920938463463374607431768211456\"]}")
    ),
    (
      "mix beside size",
      Fixture.text(
        records: "\"size\": 9, \"mix\": [{\"share\": 1, \"size\": 9, \"key\": \"unique\"}]")
    ),
    ("mix that leaves some", Fixture.text(records: "\"mix\": [{\"share\": 0.5, \"size\": 9, \"key\": \"unique\"}]")),
    ("identity without room", Fixture.text(records: "\"size\": 9, \"key\": \"unique\", \"identity\": true")),
    (
      "prefixes that meet",
      Fixture.text(
        records:
          "\"mix\": [{\"share\": 0.5, \"size\": 9, \"key\": {\"type\": \"unique\", \"prefix\": \"a\", \"length\": 9}}, "
          + "{\"share\": 0.5, \"size\": 9, \"key\": {\"type\": \"unique\", \"prefix\": \"a0\", \"length\": 9}}]")
    ),
  ]

  private static func phase(_ fields: String) -> String {
    Fixture.text(phases: "{\"name\": \"a\", \"duration\": \"2s\", \(fields)}")
  }

  private static let phaseMistakes: [(String, String)] = [
    ("rate as text", phase("\"rate\": \"fast\"")),
    ("negative rate", phase("\"rate\": -5")),
    ("no rate", Fixture.text(phases: "{\"name\": \"a\", \"duration\": \"2s\"}")),
    ("no duration", Fixture.text(phases: "{\"name\": \"a\", \"rate\": 5}")),
    ("empty duration", Fixture.text(phases: "{\"name\": \"a\", \"duration\": \"0s\", \"rate\": 5}")),
    ("nothing to send", phase("\"rate\": 0")),
    ("mistyped field", phase("\"rate\": 5, \"measured\": false")),
    ("measure as text", phase("\"rate\": 5, \"measure\": \"no\"")),
    ("line without end", phase("\"rate\": {\"type\": \"line\", \"from\": 5}")),
    ("bytes without unit", phase("\"rate\": {\"type\": \"line\", \"from\": 5, \"to\": \"1MiB\"}")),
    ("records and bytes", phase("\"rate\": {\"type\": \"constant\", \"records\": 5, \"bytes\": 5}")),
    ("neither records nor bytes", phase("\"rate\": {\"type\": \"constant\"}")),
    ("sine below zero", phase("\"rate\": {\"type\": \"sine\", \"mean\": 5, \"amplitude\": 6, \"period\": \"1s\"}")),
    (
      "duty over 1",
      phase(
        "\"rate\": {\"type\": \"square\", \"low\": 5, \"high\": 6, \"period\": \"1s\", \"duty\": 2}")
    ),
    ("no steps", phase("\"rate\": {\"type\": \"steps\", \"values\": [], \"each\": \"1s\"}")),
    ("unknown arrivals", phase("\"rate\": 5, \"arrivals\": \"poison\"")),
    ("arrivals of a closed phase", phase("\"rate\": \"max\", \"arrivals\": \"poisson\"")),
    ("unknown override", phase("\"rate\": 5, \"override\": {\"records.keys\": \"unique\"}")),
    (
      "two phases of a name",
      Fixture.text(
        phases:
          "{\"name\": \"a\", \"duration\": \"2s\", \"rate\": 5}, {\"name\": \"a\", \"duration\": \"2s\", \"rate\": 5}")
    ),
    (
      "a phase with the name of all of them",
      Fixture.text(phases: "{\"name\": \"all\", \"duration\": \"2s\", \"rate\": 5}")
    ),
    (
      "a phase with the name of the time after them",
      Fixture.text(phases: "{\"name\": \"drain\", \"duration\": \"2s\", \"rate\": 5}")
    ),
  ]

  private static func threshold(_ fields: String, rate: String = "5, \"measure\": true") -> String {
    Fixture.text(
      phases: "{\"name\": \"warm\", \"duration\": \"1s\", \"rate\": 5, \"measure\": false}, "
        + "{\"name\": \"ramp\", \"duration\": \"1s\", \"rate\": \(rate)}", more: "\"thresholds\": [{\(fields)}]")
  }

  private static let thresholdMistakes: [(String, String)] = [
    ("unknown metric", threshold("\"metric\": \"response.p95\", \"max\": \"1s\"")),
    ("mistyped metric", threshold("\"metric\": \"throtle.ratio\", \"max\": 0")),
    ("no bound", threshold("\"metric\": \"throttle.ratio\"")),
    ("time as a number", threshold("\"metric\": \"response.p99\", \"max\": 150")),
    ("ratio over 1", threshold("\"metric\": \"throttle.ratio\", \"max\": 5")),
    ("ratio as a time", threshold("\"metric\": \"throttle.ratio\", \"max\": \"5ms\"")),
    ("rate in per cent", threshold("\"metric\": \"accepted.rate\", \"min\": \"5%\"")),
    ("min over max", threshold("\"metric\": \"accepted.rate\", \"min\": 5, \"max\": 4")),
    ("unknown phase", threshold("\"metric\": \"throttle.ratio\", \"max\": 0, \"phase\": \"rmp\"")),
    ("phase not measured", threshold("\"metric\": \"throttle.ratio\", \"max\": 0, \"phase\": \"warm\"")),
    ("window of a percentile", threshold("\"metric\": \"response.p99\", \"max\": \"1s\", \"window\": \"10s\"")),
    ("window of a count", threshold("\"metric\": \"lost.count\", \"max\": 1, \"window\": \"10s\"")),
    ("window of lost records", threshold("\"metric\": \"lost.ratio\", \"max\": 0, \"window\": \"10s\"")),
    ("delivery per shard", threshold("\"metric\": \"delivery.p99\", \"max\": \"1s\", \"per\": \"shard\"")),
    ("skew per shard", threshold("\"metric\": \"skew.max\", \"max\": 2, \"per\": \"shard\"")),
    ("requests per shard", threshold("\"metric\": \"requests.rate\", \"min\": 2, \"per\": \"shard\"")),
    ("read back by phase", threshold("\"metric\": \"reorder.ratio\", \"max\": 0, \"phase\": \"ramp\"")),
    ("abort by what is read back", threshold("\"metric\": \"duplicate.count\", \"max\": 0, \"abort\": {}")),
    ("count in per cent", threshold("\"metric\": \"lost.count\", \"max\": \"1%\"")),
    ("per something else", threshold("\"metric\": \"throttle.ratio\", \"max\": 0, \"per\": \"key\"")),
    ("response of a closed phase", threshold("\"metric\": \"response.p99\", \"max\": \"1s\"", rate: "\"max\"")),
  ]

  private static let embeddedMistakes: [(String, String)] = [
    ("unknown latency", Fixture.text(more: "\"embedded\": {\"latency\": \"slow\"}")),
    (
      "latency upside down",
      Fixture.text(
        more: "\"embedded\": {\"latency\": {\"type\": \"lognormal\", \"median\": \"9ms\", \"p99\": \"2ms\"}}")
    ),
    ("no capacity", Fixture.text(more: "\"embedded\": {\"capacity\": {\"records\": 0}}")),
    ("unknown fault", Fixture.text(more: "\"embedded\": {\"faults\": [{\"type\": \"501\", \"every\": 3}]}")),
    (
      "fault of the hottest shard from the start",
      Fixture.text(more: "\"embedded\": {\"faults\": [{\"type\": \"500\", \"for\": \"1s\", \"shard\": \"hottest\"}]}")
    ),
    (
      "tries without a share",
      Fixture.text(more: "\"embedded\": {\"faults\": [{\"type\": \"throttle\", \"every\": 2, \"tries\": 2}]}")
    ),
    (
      "a share of requests",
      Fixture.text(more: "\"embedded\": {\"faults\": [{\"type\": \"reset\", \"share\": \"1%\"}]}")
    ),
    (
      "a shard that is not there yet",
      Fixture.text(more: "\"embedded\": {\"reshard\": [{\"type\": \"split\", \"at\": \"1s\", \"shard\": 4}]}")
    ),
    (
      "more than twice the shards",
      Fixture.text(more: "\"embedded\": {\"reshard\": [{\"type\": \"count\", \"at\": \"1s\", \"shards\": 9}]}")
    ),
    ("a change of nothing", Fixture.text(more: "\"embedded\": {\"reshard\": [{\"type\": \"split\", \"at\": \"1s\"}]}")),
    ("fault without occasion", Fixture.text(more: "\"embedded\": {\"faults\": [{\"type\": \"500\"}]}")),
  ]

  private static let searchMistakes: [(String, String)] = [
    ("search from nothing", Fixture.text(more: "\"search\": {\"from\": 0}")),
    ("search by list and from", Fixture.text(more: "\"search\": {\"from\": 5, \"values\": [1]}")),
    ("half a connection", Fixture.text(more: "\"search\": {\"vary\": \"connections\", \"from\": 2.5}")),
    (
      "501 records a batch in a search",
      Fixture.text(more: "\"search\": {\"vary\": \"batch.records\", \"values\": [501]}")
    ),
  ]

  private static let sizingMistakes: [(String, String)] = [
    ("no room for headroom", Fixture.text(more: "\"sizing\": {\"headroom\": 1}")),
    ("sizing over no shards", Fixture.text(more: "\"sizing\": {\"maxShards\": 0}")),
    ("negative consumers", Fixture.text(more: "\"stream\": {\"consumers\": {\"shared\": -1}}")),
    ("a search for something else", Fixture.text(more: "\"search\": {\"vary\": \"size\"}")),
    ("a search that stands still", Fixture.text(more: "\"search\": {\"factor\": 1}")),
    ("a search without tolerance", Fixture.text(more: "\"search\": {\"tolerance\": 0}")),
  ]

  private static let options: [(what: String, options: [String])] = [
    ("no equals sign", ["batch.records"]), ("empty path", ["=5"]), ("unknown field", ["batch.record=5"]),
    ("wrong value", ["phases[0].rate=fast"]), ("unknown phase", ["phases[brst].rate=5"]),
    ("through a value", ["name.first=5"]), ("a list without element", ["phases.rate=5"]),
    ("element that is not there", ["phases[7].rate=5"]),
  ]

  @Test func everyMistakeHasAMessage() throws {
    var report = ""
    for (what, text) in Self.mistakes {
      do {
        _ = try Fixture.load(text)
        Issue.record("accepted: \(what): \(text)")
      } catch {
        report += "\(what)\n  \(error)\n"
      }
    }
    for (what, options) in Self.options {
      do {
        _ = try Fixture.load(Fixture.text(), set: options)
        Issue.record("accepted: --set \(what)")
      } catch {
        report += "--set: \(what)\n  \(error)\n"
      }
    }
    expectGolden(report, "scenario-messages.txt")
  }
}
