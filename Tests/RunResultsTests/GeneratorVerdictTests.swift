import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// From what workers note of themselves to the verdict in every file, with scripted seconds.
@Suite struct GeneratorVerdictTests {
  /// What a worker says of one second.
  struct Noted: Sendable {
    var busy = 0.1
    var isCapped = false
    var sendBufferFull = 0
  }

  private static let limit = Threshold(metric: .latency(.response, .p99), max: 1e12)

  /// A measured run of `seconds`, one batch of ten records a second that take `service` ms; each second as noted.
  private func run(
    _ noted: [Noted], service: Double = 100, lateness: Double = 0.1, steal: Double? = nil,
    threshold: Threshold = limit, isClosedLoop: Bool = false, workers: Int = 1
  ) throws -> (summary: Summary, rows: [TimeseriesRow]) {
    let layout = RunLayout(
      phases: [
        PhaseLayout(
          name: "steady", start: .zero, duration: .seconds(Double(noted.count)), isClosedLoop: isClosedLoop)
      ], shards: ShardMap(even: 1), keyCount: 8, inFlightCap: 8, connections: 4, workers: workers)
    let sink = MemorySink()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), thresholds: [threshold], sink: sink,
      planned: tenPerSecond(layout))
    let lanes = (0..<workers).map { _ in WorkerLane(layout: layout) }
    for (second, health) in noted.enumerated() {
      let records = batch(phase: 0, due: Int64(second) * 1_000_000_000, count: 10, shards: 1)
      ScriptedRequest(request: request(records, lateness: ms(lateness), service: ms(service)), records: records)
        .observe(on: lanes[0])
      if let steal { collector.note(steal: steal, second: second) }
      for (number, lane) in lanes.enumerated() {
        lane.note(
          from: layout.start(ofSecond: second), to: layout.start(ofSecond: second) + 1, inFlight: 2,
          busy: .milliseconds(number == 0 ? health.busy * 1_000 : 1), isCapped: health.isCapped && number == 0,
          unsent: 0,
          sendBufferFull: health.sendBufferFull)
      }
    }
    let ending = RunEnding(.completed, ended: layout.end.value + ms(service))
    let summary = try collector.finish(lanes: lanes, ending: ending, keys: keyNames())
    return (summary, try sink.rows(TimeseriesRow.self))
  }

  private let calm = Array(repeating: Noted(), count: 19)

  @Test("One bound second in twenty makes the run invalid, exit 5, whatever its thresholds say")
  func bound() throws {
    let broken = Threshold(metric: .latency(.response, .p99), max: 1)
    for threshold in [Self.limit, broken] {
      let (summary, rows) = try run(calm + [Noted(busy: 0.95)], threshold: threshold)
      #expect((summary.validity, summary.verdict, summary.exitCode) == ("generator-bound", "invalid", 5))
      #expect(rows.filter(\.generatorBound).map(\.tS) == [19])
      #expect(summary.generator?.boundS == 1)
      #expect(summary.generator?.cpuMaxRatio == 0.95)
      #expect(summary.warnings.contains { $0.hasPrefix("the generator was the bottleneck in 1 of 20") })
      #expect(summary.generator?.littlesLaw == nil)
    }
    #expect(try run(calm + calm + [Noted(busy: 0.95)]).summary.exitCode == 0)
  }

  @Test("Lateness and steal are judged second by second as well")
  func lateAndStolen() throws {
    let late = try run(calm, lateness: 6)
    #expect((late.summary.exitCode, late.summary.generator?.boundS) == (5, 19))
    let stolen = try run(calm, steal: 0.2)
    #expect((stolen.summary.exitCode, stolen.summary.generator?.stealMaxRatio) == (5, 0.2))
    #expect(stolen.rows.filter { $0.stealRatio == 0.2 && $0.generatorBound }.count == 19)
  }

  @Test("What a worker notes belongs to the seconds it is about, however late or long the interval")
  func noted() {
    let lane = WorkerLane(layout: smallLayout())
    // 0.75 to 1.002 s of the first second, mostly: the sliver of the next has its busy time and nothing else.
    lane.note(
      from: ms(2_750), to: ms(3_002), inFlight: 5, busy: .milliseconds(126), isCapped: true, unsent: 9,
      sendBufferFull: 2)
    // Then two and a half seconds without a word.
    lane.note(
      from: ms(3_002), to: ms(5_502), inFlight: 7, busy: .milliseconds(1_250), isCapped: false, unsent: 4,
      sendBufferFull: 1)
    let health = lane.finishedSlices(before: .max).health
    #expect(health.map(\.second) == [0, 1, 2, 3])
    #expect(health.map { $0.busy / 1_000_000 } == [125, 500, 500, 251])
    #expect(health.map(\.inFlightMax) == [5, 7, 7, 7])
    #expect(health.map(\.isCapped) == [true, false, false, false])
    #expect(health.map(\.unsent) == [9, 4, 4, 4])
    #expect(health.map(\.sendBufferFull) == [2, 0, 1, 0])
  }

  @Test("Time starved in is spread as busy time is")
  func starved() {
    let lane = WorkerLane(layout: smallLayout())
    lane.note(
      from: ms(2_500), to: ms(3_500), inFlight: 0, busy: .zero, isCapped: false, unsent: 0, sendBufferFull: 0,
      starved: .milliseconds(600))
    #expect(lane.finishedSlices(before: .max).health.map(\.starved) == [ms(300), ms(300)])
  }

  @Test("A stop is noted in every second it covers, from the place where it began to count")
  func stopped() {
    let lane = WorkerLane(layout: smallLayout())
    lane.note(stop: ms(2_900)..<ms(4_250))
    lane.note(stop: ms(4_400)..<ms(4_500))
    let health = lane.finishedSlices(before: .max).health
    #expect(health.map(\.second) == [0, 1, 2])
    #expect(health.map(\.stopped) == [ms(100), ms(1_000), ms(350)])
  }

  @Test("The busiest worker decides, not the mean of all")
  func busiestWorker() throws {
    let (summary, rows) = try run([Noted(busy: 0.95)], workers: 4)
    #expect(summary.exitCode == 5)
    #expect(rows.first?.cpuRatio == 0.95)
  }

  @Test("Capped: the thresholds are judged, and Little's law says what the slots carry")
  func capped() throws {
    let noted = Array(repeating: Noted(isCapped: true), count: 3) + [Noted()]
    let (summary, rows) = try run(noted)
    #expect((summary.validity, summary.verdict, summary.exitCode) == ("capped", "pass", 0))
    #expect(rows.filter(\.capped).map(\.tS) == [0, 1, 2])
    #expect(summary.generator?.cappedS == 3)
    let law = try #require(summary.generator?.littlesLaw)
    #expect(law.atOnce == 4)
    #expect(abs(law.serviceMeanMs - 100) < 0.2)
    #expect(abs(law.requestsPerS - 40) < 0.1)
    #expect(abs(law.recordsPerS - 400) < 1)
    #expect((law.busiestPlannedRecords, law.neededAtOnce) == (10, 1))

    let broken = try run(noted, threshold: Threshold(metric: .latency(.response, .p99), max: 1))
    #expect((broken.summary.validity, broken.summary.verdict, broken.summary.exitCode) == ("capped", "fail", 3))
  }

  @Test("A generator that is bound and capped is bound")
  func boundAndCapped() throws {
    let (summary, _) = try run(Array(repeating: Noted(busy: 0.99, isCapped: true), count: 3))
    #expect((summary.validity, summary.exitCode) == ("generator-bound", 5))
  }

  @Test("A saturated worker labels the rate of a max phase and leaves the run valid")
  func saturated() throws {
    let (summary, _) = try run(Array(repeating: Noted(busy: 1), count: 3), isClosedLoop: true)
    #expect((summary.validity, summary.exitCode) == ("valid", 0))
    #expect((summary.generator?.saturatedS, summary.generator?.closedLoopS) == (3, 3))
    #expect(summary.warnings.contains { $0.contains("the generator's limit, not the target's") })
  }

  @Test("Full send buffers are counted per second and for the run, over all workers")
  func sendBuffer() throws {
    let noted = [Noted(sendBufferFull: 3), Noted(), Noted(sendBufferFull: 4)]
    let (summary, rows) = try run(noted, workers: 2)
    #expect(rows.prefix(3).map(\.sendBufferFullRequests) == [6, 0, 8])
    #expect(summary.generator?.sendBufferFullRequests == 14)
    #expect(summary.validity == "valid")
  }

  @Test(
    "Little's law in numbers",
    arguments: [
      (1, 1_000, 1, 1, 1.0, 1.0, 1), (2, 100, 10, 500, 20.0, 200.0, 5), (8, 20, 500, 100_000, 400.0, 200_000.0, 4),
      (4, 250, 1, 16, 16.0, 16.0, 4), (4, 250, 1, 17, 16.0, 16.0, 5), (3, 50, 2.5, 0, 60.0, 150.0, 0),
    ] as [(Int, Double, Double, Int, Double, Double, Int)])
  func law(
    atOnce: Int, serviceMeanMs: Double, recordsPerRequest: Double, planned: Int, requests: Double, records: Double,
    needed: Int
  ) throws {
    let law = try #require(
      SummaryLittlesLaw(
        atOnce: atOnce, serviceMeanMs: serviceMeanMs, recordsPerRequest: recordsPerRequest,
        busiestPlannedRecords: planned))
    #expect((law.requestsPerS, law.recordsPerS, law.neededAtOnce) == (requests, records, needed))
  }

  @Test("Nothing is said of a run without answers", arguments: [(0, 1.0, 1.0), (1, 0.0, 1.0), (1, 1.0, 0.0)])
  func noLaw(atOnce: Int, serviceMeanMs: Double, recordsPerRequest: Double) {
    #expect(
      SummaryLittlesLaw(
        atOnce: atOnce, serviceMeanMs: serviceMeanMs, recordsPerRequest: recordsPerRequest, busiestPlannedRecords: 9)
        == nil)
  }
}
