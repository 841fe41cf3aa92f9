import Kinesis
import LocalKinesis
import Scenarios
import StrictJSON
import Testing

@testable import shardmeter

@Suite struct TargetOptionsTests {
  private func configuration(_ words: [String]) throws -> EmbeddedTargetConfiguration {
    let parser = OptionParser(command: "target", table: TargetOptions.table)
    guard case .values(let options) = try parser.parse(words, defaults: TargetOptions()) else {
      throw ValueProblem(expected: "options")
    }
    return try options.validated()
  }

  @Test func withoutOptionsItIsTheEndpointOfTheDesign() throws {
    let endpoint = try configuration([])
    #expect(endpoint.host == "127.0.0.1" && endpoint.port == 4567 && endpoint.streamName == "orders")
    #expect(endpoint.ranges == HashKeyRange.even(count: 4) && endpoint.region == "us-east-1")
    #expect(endpoint.settings == EndpointSettings() && !endpoint.allowsUnsigned && endpoint.credentials == nil)
    #expect(endpoint.nullRecords == nil && endpoint.parentWatch == .none)
  }

  @Test func everyOptionReachesTheEndpoint() throws {
    let endpoint = try configuration([
      "--host", "::1", "--port", "0", "--until-input-ends", "--stream", "s", "--shards", "3", "--account",
      "123456789012", "--region", "eu-west-1", "--shard-limit", "9", "--transition", "1s", "--retain", "1MiB",
      "--limits", "window", "--read-limits", "--control-limits", "--latency", "20ms", "--capacity", "5000", "--fault",
      "500:1%", "--fault", #"{"type":"stall","every":3,"delay":"2s"}"#, "--shard-latency", "2=50ms", "--tls-cert", "c",
      "--tls-key", "k", "--seed", "7", "--clock-offset=-10m",
      "--allow-unsigned", "--access-key", "a", "--secret-key", "b", "--null", "--records", "7",
    ])
    #expect(endpoint.host == "::1" && endpoint.port == 0 && endpoint.parentWatch == .standardInput)
    #expect(endpoint.streamName == "s" && endpoint.ranges.count == 3 && endpoint.account == "123456789012")
    #expect(endpoint.region == "eu-west-1" && endpoint.shardLimit == 9 && endpoint.transition == 1_000_000_000)
    #expect(endpoint.settings.retainedBytes == 1 << 20 && endpoint.settings.limits == .window)
    #expect(endpoint.hasReadLimits && endpoint.hasControlLimits && endpoint.settings.latency == .fixed(20_000_000))
    #expect(endpoint.settings.capacityRecordsPerSecond == 5000 && endpoint.seed == 7 && endpoint.allowsUnsigned)
    #expect(
      endpoint.settings.faults == [
        FaultRule(kind: .status500, occasion: .probability(0.01)),
        FaultRule(kind: .stall, occasion: .every(3), delay: 2_000_000_000),
      ])
    #expect(endpoint.settings.shardLatency == [2: .fixed(50_000_000)])
    #expect(endpoint.certificate == .files(certificate: "c", key: "k"))
    #expect(endpoint.clockOffsetMicroseconds == -600_000_000 && endpoint.nullRecords == 7)
    #expect(endpoint.credentials == Credentials(accessKeyID: "a", secretAccessKey: "b"))
  }

  @Test func aNullAnswerHoldsFiveHundredRecordsUnlessTold() throws {
    #expect(try configuration(["--null"]).nullRecords == 500)
  }

  @Test(arguments: [
    ("internal-failure:1%", FaultRule(kind: .internalFailure, occasion: .probability(0.01))),
    ("400:0.5", FaultRule(kind: .status400, occasion: .probability(0.5))),
    ("503:every=100", FaultRule(kind: .status503, occasion: .every(100))),
    (
      "throttle:from=10s,for=3s,shard=2",
      FaultRule(kind: .throttle, occasion: .during(start: 10_000_000_000, length: 3_000_000_000), shard: 2)
    ),
    ("reset:for=3s", FaultRule(kind: .reset, occasion: .during(start: 0, length: 3_000_000_000))),
    ("stall:1%,delay=2s", FaultRule(kind: .stall, occasion: .probability(0.01), delay: 2_000_000_000)),
    ("stall:every=1", FaultRule(kind: .stall, occasion: .every(1))),
    ("reset-within:1", FaultRule(kind: .resetWithin, occasion: .probability(1))),
    ("truncate:100%", FaultRule(kind: .truncate, occasion: .probability(1))),
    ("wrong-count:every=3", FaultRule(kind: .wrongCount, occasion: .every(3))),
    ("duplicate-sequence:every=2,shard=0", FaultRule(kind: .duplicateSequence, occasion: .every(2), shard: 0)),
    ("throttle:share=10%,tries=2", FaultRule(kind: .throttle, occasion: .share(0.1, tries: 2))),
    ("internal-failure:share=1,shard=3", FaultRule(kind: .internalFailure, occasion: .share(1, tries: 1), shard: 3)),
    (
      "throttle:from=10s,for=5s,shard=hottest",
      FaultRule(kind: .throttle, occasion: .during(start: 10_000_000_000, length: 5_000_000_000), shard: .hottest)
    ),
  ])
  func aFaultMayBeWrittenShort(text: String, rule: FaultRule) throws {
    #expect(try configuration(["--fault", text]).settings.faults == [rule])
  }

  @Test(arguments: [
    ("split:at=20s,shard=hottest", ReshardRule(at: 20_000_000_000, .split(.hottest))),
    ("split:at=0s,shard=3", ReshardRule(at: 0, .split(3))),
    ("merge:at=30s,shard=2", ReshardRule(at: 30_000_000_000, .merge(2))),
    ("count:at=40s,shards=8", ReshardRule(at: 40_000_000_000, .count(8))),
    (#"{"type": "count", "at": "1h", "shards": 2}"#, ReshardRule(at: 3_600_000_000_000, .count(2))),
  ])
  func aChangeOfShardsMayBeWrittenShort(text: String, rule: ReshardRule) throws {
    #expect(try configuration(["--reshard", text]).settings.reshards == [rule])
    #expect(try TargetOptions.reshard(rule.description) == rule)
  }

  @Test(
    arguments: [
      ("20ms", LatencyModel.fixed(20_000_000)), ("0s", nil),
      ("{\"type\": \"uniform\", \"min\": \"1ms\", \"max\": \"2ms\"}", .uniform(min: 1_000_000, max: 2_000_000)),
    ] as [(String, LatencyModel?)])
  func aLatencyMayBeWrittenShort(_ text: String, _ model: LatencyModel?) throws {
    #expect(try TargetOptions.latency(text) == model)
  }

  @Test(arguments: [
    ("500:1%", FaultRule(kind: .status500, occasion: .probability(0.01))),
    ("throttle:0.5", FaultRule(kind: .throttle, occasion: .probability(0.5))),
    ("{\"type\": \"reset\", \"every\": 3}", FaultRule(kind: .reset, occasion: .every(3))),
  ])
  func aFaultMayBeWrittenShort(_ text: String, _ rule: FaultRule) throws {
    #expect(try TargetOptions.fault(text) == rule)
  }

  @Test(arguments: ["", "x", "500", "500:200%", "505:1%"])
  func badFaultsAreRefused(_ text: String) {
    #expect(throws: ValueProblem.self) { try TargetOptions.fault(text) }
  }

  /// What the option's own message says.
  @Test(arguments: [
    (["--fault", "throttle:share=10%,tries=0"], "tries to be a whole number of tries from 1 to 100"),
    (["--fault", "throttle:share=101%"], "share to be a share from 0 to 1"),
    (["--fault", "500:share=10%"], #"share to be no share: only "internal-failure" and "throttle" refuse records"#),
    (["--fault", "duplicate-sequence:share=10%"], "refuse records"),
    (["--fault", "throttle:10%,tries=2"], "no tries"), (["--fault", "throttle:share=10%,every=2"], "exactly one of"),
    (["--fault", "throttle:10%,shard=hottest"], #"with "hottest" a "from" above 0s and a "for""#),
    (["--fault", "throttle:for=5s,shard=hottest"], #"with "hottest" a "from" above 0s"#),
    (["--fault", "throttle:share=10%,shard=hottest"], #"with "hottest""#),
    (["--fault", "throttle:from=1s,for=5s,shard=hotest"], #"or "hottest""#),
    (["--reshard", "split:at=20s"], #"the field "shard""#), (["--reshard", "split:shard=1"], #"the field "at""#),
    (["--reshard", "divide:at=1s,shard=1"], #"one of "split", "merge", "count""#),
    (["--reshard", "split:at=1s,shards=1"], #"no such field with "split""#),
    (["--reshard", "count:at=1s,shard=1"], #"no such field with "count""#),
    (["--reshard", "split:at=25h,shard=1"], "a duration from"),
    (["--reshard", "split:at=1,shard=1"], "a duration from"),
    (["--reshard", "split"], "split"), (["--reshard", ""], "a change of shards"),
    (["--reshard", "split:at=1s,shard=4"], "--reshard split:at=1s,shard=4: expected a shard from 0 to 3"),
    (["--reshard", "count:at=1s,shards=9"], "expected 2 to 8 shards: the stream has 4 then"),
    (["--reshard", "merge:at=2s,shard=0", "--shards", "1"], "no merge"),
  ])
  func whatIsWrongWithATimeLineIsSaid(words: [String], message: String) throws {
    let error = #expect(throws: UsageError.self) { try configuration(words) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("records=500", LimitsProfile.explicit(ShardLimits(recordsPerSecond: 500))),
    ("bytes=2MiB,records=1", .explicit(ShardLimits(recordsPerSecond: 1, bytesPerSecond: 2 << 20))),
    (
      "records=5,recordBurst=9,bytes=1000,byteBurst=1KiB",
      .explicit(ShardLimits(recordsPerSecond: 5, recordCapacity: 9, bytesPerSecond: 1000, byteCapacity: 1024))
    ),
    (#"{"records": 7, "bytes": "1KiB"}"#, .explicit(ShardLimits(recordsPerSecond: 7, bytesPerSecond: 1024))),
    (#"{"rule": "bucket", "records": 7}"#, .explicit(ShardLimits(recordsPerSecond: 7))),
    (#"{}"#, .explicit(ShardLimits())),
    ("rule=second", .second(recordsPerSecond: 1000, bytesPerSecond: 1 << 20)),
    ("rule=second,records=5", .second(recordsPerSecond: 5, bytesPerSecond: 1 << 20)),
    (#"{"rule": "sliding", "bytes": "1KiB"}"#, .sliding(recordsPerSecond: 1000, bytesPerSecond: 1024)),
    ("rule=none", LimitsProfile.none),
  ])
  func limitsMayBeNumbers(text: String, limits: LimitsProfile) throws {
    #expect(try configuration(["--limits", text]).settings.limits == limits)
    // A scenario takes the same, for the stream and for the embedded target.
    let value = text.hasPrefix("{") ? text : "\"\(text)\""
    for (stream, embedded) in [("\"limits\": \(value)", "{}"), ("\"name\": \"s\"", "{\"limits\": \(value)}")] {
      let scenario = try Scenario.load(
        bytes: Array(
          """
          {"schema": "shardmeter/1", "name": "x", "stream": {\(stream)},
           "records": {"size": "100B", "key": {"type": "uniform", "cardinality": 10}},
           "phases": [{"name": "p", "duration": "1s", "rate": 5}], "embedded": \(embedded)}
          """.utf8), source: "x.json")
      #expect(scenario.embedded.limits == limits)
      let again = try Scenario.load(bytes: Array(JSONWriter.pretty(scenario.resolvedJSON()).utf8), source: "again")
      #expect(again.embedded.limits == limits && again.stream.limits == scenario.stream.limits)
    }
  }

  @Test func aCertificateOfItsOwnNeedsNoFile() throws {
    #expect(try configuration(["--tls-self-signed"]).certificate == .selfSigned)
  }

  @Test func pagesAndNamesThatAreAllowed() throws {
    let words = ["--allow-origin", "http://LOCALHOST:80/", "--allow-origin", "https://a.example:8443"]
    let allowed = try configuration(words + ["--allow-host", "Kinesis.", "--allow-host", "10.0.0.7"])
    #expect(allowed.allowedOrigins == ["http://localhost", "https://a.example:8443"])
    #expect(allowed.allowedHosts == ["kinesis", "10.0.0.7"])
    #expect(try configuration([]).allowedOrigins.isEmpty && configuration([]).allowedHosts.isEmpty)
  }

  @Test func severalStreamsFromTheStart() throws {
    func streams(_ words: String...) throws -> [String] {
      try configuration(words).initialStreams.map { "\($0.name)=\($0.ranges.count)" }
    }
    #expect(try streams() == ["orders=4"])
    #expect(try streams("--stream", "a", "--stream", "b=8") == ["a=4", "b=8"])
    #expect(try streams("--stream", "a=2", "--stream", "b", "--shards", "3") == ["a=2", "b=3"])
  }

  @Test func asManyShardsAsThereMayBe() throws {
    #expect(try configuration(["--shards", "100000"]).ranges.count == 100_000)
  }

  @Test(arguments: [
    ["--shards", "0"], ["--shards", "100001"], ["--port", "70000"], ["--port", "-1"], ["--account", "12"],
    ["--account", "12345678901x"], ["--limits", "kinesys"], ["--latency", "soon"], ["--latency", "{}"],
    ["--capacity", "0"], ["--capacity", "fast"], ["--fault", "500"], ["--fault", "499:1%"], ["--retain", "much"],
    ["--transition", "5"], ["--records", "5"], ["--null", "--records", "501"], ["--access-key", "a"],
    ["--secret-key", "b"], ["--stream", "two words"], ["--host", ""], ["word"],
    ["--limits", "records=0"], ["--limits", "records=1,records=2"], ["--limits", "record=1"], ["--limits", "bytes=x"],
    ["--limits", "rule=leaky"], ["--limits", "rule=second,recordBurst=2"], ["--limits", "rule=none,records=1"],
    ["--limits", "records=1,"], ["--limits", "{"], ["--fault", "stall:every=0"], ["--fault", "500:every=2,for=3s"],
    ["--fault", "500:1%,delay=2s"], ["--fault", "500:every"], ["--fault", "500:1%,every=2"], ["--fault", "500:"],
    ["--fault", "throttle:1%,shard=4"], ["--shard-latency", "4=1ms"], ["--shard-latency", "1"],
    ["--shard-latency", "1=soon"], ["--shard-latency", "x=1ms"],
    ["--shard-latency", "1=1ms", "--shard-latency", "1=2ms"],
    ["--tls-cert", "c"], ["--tls-key", "k"], ["--tls-self-signed", "--tls-cert", "c", "--tls-key", "k"],
    ["--shards", "2", "--shard-map", "f"], ["--admin-port", "70000"], ["--null", "--admin-port", "0"],
    ["--allow-origin", "*"], ["--allow-origin", "null"], ["--allow-origin", "localhost:3000"],
    ["--allow-origin", "http://a/b"], ["--allow-host", "a:80"], ["--allow-host", "*"], ["--allow-host", ""],
    ["--shard-latency", "100000=1ms"], ["--record-distinct"], ["--null", "--record", "t.csv"], ["--record", ""],
    ["--keys", "loudly"], ["--stream", "a", "--stream", "a=3"], ["--stream", "a=0"], ["--stream", "a="],
    ["--stream", "=4"],
    ["--stream", "a=4", "--shard-map", "f"], ["--stream", "a=3", "--fault", "throttle:1%,shard=3"],
  ])
  func anOptionThatCannotBeIsAUsageError(words: [String]) {
    #expect(throws: UsageError.self) { try configuration(words) }
  }

  @Test(arguments: [
    #"{}"#, #"{"limits": "none", "retain": "5MiB"}"#,
    #"{"latency": {"type": "lognormal", "median": "8ms", "p99": "25ms"}}"#, #"{"latency": "20ms"}"#,
    #"{"capacity": {"records": 5000}, "limits": "large-records"}"#,
    #"{"shardLatency": [{"shard": 5, "latency": "1s"}, {"shard": 0, "latency": {"type": "fixed", "value": "0s"}}]}"#,
    #"{"faults": [{"type": "500", "from": "1s", "for": "2s"}, {"type": "stall", "every": 100, "shard": 5}]}"#,
    #"{"faults": [{"type": "throttle", "share": 0.1, "tries": 3}, {"type": "503", "from": "1s", "for": "2s", "shard": "hottest"}]}"#,
    #"{"reshard": [{"type": "split", "at": "2s", "shard": "hottest"}, {"type": "count", "at": "1s", "shards": 12}]}"#,
  ])
  func theChildServesWhatTheScenarioSays(embedded: String) throws {
    let text = """
      {"schema": "shardmeter/1", "name": "x", "seed": 9, "stream": {"name": "s", "shards": 6},
       "records": {"size": "100B", "key": {"type": "uniform", "cardinality": 10}},
       "phases": [{"name": "p", "duration": "1s", "rate": 5}], "embedded": \(embedded)}
      """
    let scenario = try Scenario.load(bytes: Array(text.utf8), source: "x.json")
    let document = EmbeddedTargetDocument(scenario, stream: "other", allowsUnsigned: true)
    let read = try EmbeddedTargetDocument(bytes: Array(document.text.utf8), source: "x")
    #expect(read == document)
    var endpoint = EmbeddedTargetConfiguration()
    read.apply(to: &endpoint)
    #expect(endpoint.settings == scenario.embedded)
    #expect(endpoint.streamName == "other" && endpoint.ranges == HashKeyRange.even(count: 6))
    #expect(endpoint.seed == 9 && endpoint.allowsUnsigned && endpoint.region == "us-east-1")
  }

  private static let document =
    #"{"schema":"shardmeter.target/1","stream":"s","shards":[["0","340282366920938463463374607431768211455"]],"#
    + #""region":"r","seed":1,"allowUnsigned":false,"limits":"none","retain":0,"behaviour":{},"reshard":[]}"#

  @Test(arguments: [
    (
      #"{"records":5,"recordBurst":6,"bytes":7,"byteBurst":8}"#,
      LimitsProfile.explicit(ShardLimits(recordsPerSecond: 5, recordCapacity: 6, bytesPerSecond: 7, byteCapacity: 8))
    ),
    (#"{"rule":"second","records":5,"bytes":7}"#, .second(recordsPerSecond: 5, bytesPerSecond: 7)),
    (#"{"rule":"sliding","records":5,"bytes":7}"#, .sliding(recordsPerSecond: 5, bytesPerSecond: 7)),
    (#""large-records""#, .largeRecords),
  ])
  func theChildsDocumentMayGiveLimitsByNumber(limits: String, profile: LimitsProfile) throws {
    let text = Self.document.replacing(#""limits":"none""#, with: #""limits":"# + limits)
    let document = try EmbeddedTargetDocument(bytes: Array(text.utf8), source: "x")
    #expect(document.settings.limits == profile)
    #expect(try EmbeddedTargetDocument(bytes: Array(document.text.utf8), source: "x") == document)
  }

  @Test(arguments: [
    ("shardmeter.target/1", "shardmeter.target/2", #"schema: expected "shardmeter.target/1""#),
    (#""stream":"s","#, "", #"expected the field "stream""#),
    (#""region":"r""#, #""region":7"#, "region: expected a string"),
    (#"["0","3"#, #"["3","1"],["0","3"#, "shards[0]"), (#""0","#, "", "shards[0]"), (#""0""#, #""-1""#, "shards[0]"),
    (#"["0","340282366920938463463374607431768211455"]"#, "", "expected 1 to 100000 shards"),
    (#""seed":1"#, #""seed":-1"#, "seed"), (#""retain":0"#, #""retain":-1"#, "retain"),
    (#""limits":"none""#, #""limits":"kinesys""#, #"limits: expected one of "kinesis""#),
    (#""limits":"none""#, #""limits":{"record":1}"#, "limits.record"),
    (#""behaviour":{}"#, #""behaviour":{"latency":"soon"}"#, "behaviour.latency"), ("[]}", #"[],"more":1}"#, "more"),
  ])
  func aDocumentThatCannotBeIsNamed(part: String, other: String, words: String) {
    let text = Self.document.replacing(part, with: other, maxReplacements: 1)
    #expect(text != Self.document)
    let failure = #expect(throws: JSONFailure.self) {
      try EmbeddedTargetDocument(bytes: Array(text.utf8), source: "x")
    }
    #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "none")")
  }
}
