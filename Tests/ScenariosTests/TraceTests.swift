import Kinesis
import Measurement
import StrictJSON
import TestSupport
import Testing

@testable import Scenarios

/// A trace is played record by record as it was written.
@Suite struct TraceTests {
  private static let millisecond: Int64 = 1_000_000

  /// Due time in ms, key, size.
  private struct Row: Equatable, CustomStringConvertible {
    let due: Double
    let key: String
    let size: Int

    init(_ due: Double, _ key: String, _ size: Int) { (self.due, self.key, self.size) = (due, key, size) }
    init(_ record: PlannedRecord, of plan: Plan) {
      due = Double(record.due) / 1e6
      key = String(decoding: plan.keys.bytes(of: record.key), as: UTF8.self)
      size = Int(record.dataBytes)
    }
    var description: String { "\(due) \(key) \(size)" }
  }

  private func rows(_ plan: Plan) -> [Row] {
    (0..<plan.scenario.client.producers).flatMap { Fixture.batches(plan, producer: $0).flatMap(\.records) }
      .sorted { ($0.phase, $0.index) < ($1.phase, $1.index) }.map { Row($0, of: plan) }
  }

  private static let three = [Row(0, "a", 10), Row(250, "b", 20), Row(1500.5, "a", 30)]

  private static let forms: [(String, String)] = [
    ("seconds", "t_s,key,size\n0,a,10\n0.25,b,20\n1.5005,a,30\n"),
    ("milliseconds, columns in another order, one more", "size,note,t_ms,key\n10,x,0,a\n20,,250,b\n30,z,1500.5,a"),
    (
      "times of day, carriage returns, an empty line",
      "time_utc,key,size\r\n2026-03-14T09:15:00Z,a,10\r\n\r\n2026-03-14T09:15:00.250Z,b,20\r\n2026-03-14T09:15:01.5005Z,a,30\r\n"
    ),
    ("seconds since 1970", "t_s,key,size\n1773479700,a,10\n1773479700.25,b,20\n1773479701.5005,a,30\n"),
    (
      "milliseconds since 1970, out of order",
      "t_ms,key,size\n1773479701500.5,a,30\n1773479700000,a,10\n1773479700250,b,20\n"
    ),
    (
      "times of other zones",
      "time_utc,key,size\n2026-03-14T11:15:00+02:00,a,10\n2026-03-14 09:15:00.250Z,b,20\n"
        + "2026-03-13T22:45:01.5005-10:30,a,30\n"
    ),
    (
      "JSON lines in seconds since 1970",
      "{\"t_s\": 1773479700, \"key\": \"a\", \"size\": 10}\n{\"t_s\": 1773479700.25, \"key\": \"b\", \"size\": 20}\n"
        + "{\"t_s\": 1773479701.500500000, \"key\": \"a\", \"size\": 30}\n"
    ),
    ("quotes and a byte order mark", "\u{FEFF}\"t_s\",\"key\",size\n0,\"a\",10\n0.25,b,\"20\"\n1.5005,a,30\n"),
    ("out of order", "t_s,key,size\n1.5005,a,30\n0,a,10\n0.25,b,20\n"),
    (
      "JSON lines",
      "{\"t_s\": 0, \"key\": \"a\", \"size\": 10}\n{\"size\": \"20\", \"t_s\": 0.25, \"key\": \"b\"}\n\n"
        + "{\"t_s\": \"1.5005\", \"key\": \"\\u0061\", \"size\": 30}"
    ),
    (
      "JSON lines in milliseconds",
      "{\"t_ms\": 0, \"key\": \"a\", \"size\": 10}\r\n{\"t_ms\": 250, \"key\": \"b\", \"size\": 20, \"x\": [1]}\r\n"
        + "{\"t_ms\": 1500.5, \"key\": \"a\", \"size\": 30}\r\n"
    ),
  ]

  @Test(arguments: forms, [Int.max, 1, 2, 3, 7])
  func everyFormIsReadInPiecesOfAnyLength(_ form: (String, String), _ pieceLength: Int) throws {
    #expect(rows(try Fixture.tracePlan(form.1, pieceLength: pieceLength)) == Self.three)
  }

  /// A double holds such times to 256 ns only.
  @Test func secondsSince1970AreReadToTheNanosecond() throws {
    let lines = ["1773479700.000000001", "1773479700.000000002"].map { "{\"t_s\":\($0),\"key\":\"a\",\"size\":1}\n" }
    let plan = try Fixture.tracePlan(lines.joined())
    #expect((0..<2).map { plan.record(UInt64($0), in: 0).due } == [0, 1])
  }

  @Test func quotedFieldsHoldCommasQuotesAndLineBreaks() throws {
    let plan = try Fixture.tracePlan("t_s,key,size\n0,\"a,\"\"b\"\"\nc\",1\n1,é,2\n")
    #expect(rows(plan).map(\.key) == ["a,\"b\"\nc", "é"])
    let buffer = RequestBuffer()
    buffer.beginBody(streamName: "s")
    for index in 0..<2 { plan.write(plan.record(UInt64(index), in: 0), into: buffer) }
    buffer.endBody()
    let body = try JSONDocument.parse(Array(buffer.body), source: "body").value
    guard case .array(let entries)? = body["Records"] else { throw PlanTests.Broken() }
    #expect(entries.map { $0["PartitionKey"] } == [.string("a,\"b\"\nc"), .string("é")])
  }

  /// Without phases there is one, as long as the trace and one mean gap more.
  @Test func aTraceBringsItsOwnPhase() throws {
    let plan = try Fixture.tracePlan(Self.forms[0].1)
    #expect(plan.phases.map(\.name) == ["trace"])
    #expect(plan.phases[0].loop == .open(recordCount: 3))
    #expect(plan.duration.value == 1500_500_000 + 1500_500_000 / 2)
    #expect(plan.keys.count == 2)
  }

  @Test func speedAndLoopAreWhatTheySay() throws {
    let twice = try Fixture.tracePlan(Self.forms[0].1, "\"speed\": 2")
    #expect(rows(twice).map(\.due) == [0, 125, 750.25])
    let looped = try Fixture.tracePlan(
      "t_s,key,size\n0,a,1\n1,b,2\n", "\"loop\": true",
      phases: "{\"name\": \"a\", \"duration\": \"2500ms\"}, {\"name\": \"b\", \"duration\": \"2500ms\"}")
    // A round is 1 s and the mean gap, 1 s.
    #expect(rows(looped).map(\.due) == [0, 1000, 2000, 3000, 4000])
    #expect(rows(looped).map(\.size) == [1, 2, 1, 2, 1])
    #expect(looped.phases.map(\.loop) == [.open(recordCount: 3), .open(recordCount: 2)])
    let once = try Fixture.tracePlan(
      "t_s,key,size\n0,a,1\n1,b,2\n",
      phases: "{\"name\": \"a\", \"duration\": \"1s\"}, {\"name\": \"b\", \"duration\": \"9s\"}")
    #expect(once.phases.map(\.loop) == [.open(recordCount: 1), .open(recordCount: 1)])
    #expect(rows(once).map(\.due) == [0, 1000])
    #expect(once.plannedRecords(in: 1, before: Nanoseconds(1_000_000_000)) == 0)
    #expect(once.plannedRecords(in: 1, before: Nanoseconds(1_000_000_001)) == 1)
  }

  /// Nanoseconds in 64 bits hold 292 years: the time of a row far away is refused, and any two that are not are subtracted.
  @Test(arguments: ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2262-04-12T00:00:00Z"])
  func timesFarAwayAreBadRows(_ time: String) {
    let failure = #expect(throws: JSONFailure.self) {
      try Fixture.tracePlan("time_utc,key,size\n2026-03-14T09:15:00Z,a,1\n\(time),b,1\n")
    }
    let words = failure.map { "\($0)" } ?? ""
    #expect(words.contains("line 3: time_utc \"\(time)\" is more than 140 years from 1970"))
  }

  @Test(arguments: [
    ("time_utc,key,size\n1831-01-01T00:00:00Z,a,1\n2109-01-01T00:00:00Z,b,1\n", "\"speed\": 1"),
    ("t_s,key,size\n0,a,1\n2000000,b,1\n", "\"speed\": 0.5"),
    ("t_s,key,size\n0,a,1\n2000000,b,1\n", "\"speed\": 0.001"),
  ])
  func tracesOfMoreThanAMonthAreRefused(_ trace: String, _ rule: String) {
    let failure = #expect(throws: JSONFailure.self) { try Fixture.tracePlan(trace, rule) }
    #expect("\(failure.map { "\($0)" } ?? "")".contains("a trace of at most 31 days"))
  }

  @Test func hashesPlaceRecordsByHashKey() throws {
    let hash = PartitionKeyHash.md5(of: "somebody")
    let digits = String(hash, radix: 16)
    let text = String(repeating: "0", count: 32 - digits.count) + digits
    let plan = try Fixture.tracePlan("t_s,hash,size\n0,\(text),5\n1,0x\(text.uppercased()),6\n")
    for index in 0..<2 {
      let record = plan.record(UInt64(index), in: 0)
      #expect(plan.hash(of: record) == hash)
      #expect(plan.keys.bytes(of: record.key) == Array(text.utf8))
    }
    #expect(!plan.isRoutedByKey)
    let explicit = try Fixture.tracePlan("t_s,key,size,explicit_hash_key\n0,a,5,\n1,a,6,12\n")
    #expect(explicit.hash(of: explicit.record(0, in: 0)) == PartitionKeyHash.md5(of: "a"))
    #expect(explicit.hash(of: explicit.record(1, in: 0)) == 12)
    #expect(try Fixture.tracePlan("t_s,key,size,explicit_hash_key\n0,a,5,\n").isRoutedByKey)
  }

  /// The records of all producers together are the same, however many there are, and so is the plan of any worker.
  @Test(arguments: [2, 3, 7])
  func recordsDoNotDependOnProducers(_ producers: Int) throws {
    let lines = (0..<300).map { "\(Double($0 * $0 % 997) / 100),key-\($0 % 13),\($0 % 50)" }
    let text = "t_s,key,size\n" + lines.joined(separator: "\n")
    let phases = "{\"name\": \"a\", \"duration\": \"4s\"}, {\"name\": \"b\", \"duration\": \"9s\"}"
    let alone = try Fixture.tracePlan(text, phases: phases)
    let many = try Fixture.tracePlan(text, phases: phases, more: "\"client\": {\"producers\": \(producers)}")
    #expect(rows(alone) == rows(many))
    #expect(rows(alone).count == 300)
    #expect(rows(alone).map(\.due) == rows(alone).map(\.due).sorted())
  }

  @Test func theWorkloadHashTakesTheContentAndNotThePath() throws {
    func hash(_ path: String, _ trace: String, _ rule: String = "") throws -> String {
      let text = Fixture.traceText(rule).replacing("trace.csv", with: path)
      return try Scenario.load(bytes: Array(text.utf8), source: "t", files: MemoryFiles([path: trace])).workloadHash
    }
    let trace = Self.forms[0].1
    #expect(try hash("trace.csv", trace) == hash("elsewhere/other.csv", trace))
    #expect(try hash("trace.csv", trace) != hash("trace.csv", trace.replacing("30", with: "31")))
    #expect(try hash("trace.csv", trace) != hash("trace.csv", trace, "\"speed\": 2"))
  }

  /// The resolved form names the content; it can be loaded again and refuses another trace.
  @Test func theResolvedFormHoldsTheContentsHash() throws {
    let files = MemoryFiles(["trace.csv": Self.forms[0].1])
    let scenario = try Scenario.load(bytes: Array(Fixture.traceText().utf8), source: "t", files: files)
    let resolved = Array(JSONWriter.pretty(scenario.resolvedJSON()).utf8)
    let again = try Scenario.load(bytes: resolved, source: "t", files: files)
    #expect(again.workloadHash == scenario.workloadHash)
    #expect(Plan(again).planHash == Plan(scenario).planHash)
    #expect(JSONWriter.pretty(again.resolvedJSON()) == JSONWriter.pretty(scenario.resolvedJSON()))
    #expect(throws: JSONFailure.self) {
      try Scenario.load(bytes: resolved, source: "t", files: MemoryFiles(["trace.csv": Self.forms[1].1]))
    }
  }

  @Test func theOverviewCountsTheTracesOwnRecords() throws {
    let plan = try Fixture.tracePlan("t_s,key,size\n0,a,10\n1,b,20\n2,a,30\n3,a,40\n")
    let map = ShardMap(even: 4)
    let load = plan.expectedLoads(map: map)[0]
    #expect(abs(load.shards.reduce(0) { $0 + $1.records } - 1) < 1e-12)
    #expect(abs(load.shards.reduce(0) { $0 + $1.bytes } - 26) < 1e-12)
    #expect(load.keys.values.map(\.records).sorted() == [0.25, 0.75])
  }

  @Test func theReaderStopsAtItsBound() throws {
    var reader = TraceReader(largestRecord: 1 << 20, largestCount: 2)
    let text = Array("t_s,key,size\n0,a,1\n0,a,1\n0,a,1\n".utf8)
    #expect(text.withUnsafeBytes { !reader.take($0) })
    #expect(throws: TraceFailure(expected: "a trace of at most 2 records", found: "more")) {
      try reader.finish(speed: 1, isLooped: false)
    }
  }

  @Test func tablesFindWhatTheyHold() {
    var table = TextTable()
    for number in 0..<1000 {
      let text = Array("key-\(number % 500)".utf8)
      #expect(text.withUnsafeBytes { table.insert($0) } == number % 500)
    }
    #expect(table.count == 500)
    #expect(table.longest == 7)
    #expect(Array("key-77".utf8).withUnsafeBytes { table.index(of: $0) } == 77)
    #expect(Array("key-500".utf8).withUnsafeBytes { table.index(of: $0) } == nil)
  }
}
