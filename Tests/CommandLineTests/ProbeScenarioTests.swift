import Measurement
import RunResults
import Scenarios
import Sizing
import Testing

@testable import shardmeter

@Suite("The scenarios of a search's probes")
struct ProbeScenarioTests {
  private func probes(_ text: String, isEmbedded: Bool = true) throws -> ProbeScenario {
    let scratch = try Scratch()
    var options = ScenarioOptions()
    options.source = try scratch.file("search.json", text)
    return try ProbeScenario(ScenarioInput.load(options), isEmbedded: isEmbedded)
  }

  private func text(
    phases: String = #"{"name": "a", "duration": "4s", "rate": 900}"#, search: String = #"{"probe": "8s"}"#,
    more: String = ""
  ) -> String {
    """
    { "schema": "shardmeter/1", "name": "t", "stream": { "shards": 2 },
      "records": { "size": "100B", "key": { "type": "uniform", "cardinality": 100000 } },
      "client": { "connections": 4, "maxInFlight": 6 },
      "phases": [ \(phases) ], "search": \(search)\(more) }
    """
  }

  private func probe(_ value: Double, empties: Bool = false, factor: Int = 1) -> SearchStrategy.Probe {
    SearchStrategy.Probe(value: value, purpose: .bracket, inFlightFactor: factor, empties: empties)
  }

  /// Name, seconds, records and whether it is measured, phase by phase.
  private func shape(_ input: ScenarioInput) -> [String] {
    Plan(input.scenario).phases.map { phase in
      guard case .open(let records) = phase.loop else { return phase.name }
      return "\(phase.name) \(phase.duration.seconds) \(records)\(phase.measured ? "" : " unmeasured")"
    }
  }

  @Test("A rate is the mean over the measured time, held for a probe's time; warm-ups grow with it")
  func rate() throws {
    let twice =
      #"{"name": "w", "duration": "2s", "rate": 100, "measure": false}, {"name": "a", "duration": "2s", "rate": 300}, "#
      + #"{"name": "b", "duration": "2s", "rate": {"type": "square", "low": 100, "high": 900, "period": "1s", "duty": 0.5}}"#
    let probes = try probes(text(phases: twice))
    #expect(probes.baseRate == 400)
    #expect(try shape(probes.input(for: probe(800))) == ["w 4.0 800 unmeasured", "a 4.0 2400", "b 4.0 4000"])
  }

  @Test("It starts at four fifths of what the hottest shard's limit allows, where nothing else is said")
  func start() throws {
    let analytic = try probes(text())
    let limit = try #require(analytic.analyticLimit)
    #expect(limit > 1_980 && limit <= 2_000)
    #expect(analytic.start == limit * 0.8)
    #expect(try probes(text(search: #"{"from": 77}"#)).start == 77)
    #expect(try probes(text(more: #", "embedded": {"limits": "none"}"#)).start == 900)
    // Another endpoint's limits are the stream's.
    #expect(try probes(text(more: #", "embedded": {"limits": "none"}"#), isEmbedded: false).analyticLimit != nil)
    #expect(try probes(text(search: #"{"vary": "connections"}"#)).start == 4)
    #expect(try probes(text(search: #"{"vary": "batch.records"}"#)).start == 500)
  }

  @Test("Full buckets are emptied by an overload, and the probe's own rate follows it unmeasured")
  func emptying() throws {
    let probes = try probes(text())
    let phases = try shape(probes.input(for: probe(1_500, empties: true)))
    #expect(phases.count == 3)
    // Three times the limit for 0.6 s: two buckets' worth beyond what is refilled, with a margin of a fifth.
    #expect(phases[0].hasPrefix("empty-buckets 0.6 3") && phases[0].hasSuffix(" unmeasured"))
    #expect(phases[1] == "lead-in 1.0 1500 unmeasured")
    #expect(phases[2] == "a 8.0 12000")
    let others = [#", "embedded": {"limits": "window"}"#, #", "embedded": {"limits": "none"}"#]
    for limits in others {
      let probes = try self.probes(text(more: limits))
      #expect(try shape(probes.input(for: probe(1_500, empties: true))) == ["a 8.0 12000"])
    }
  }

  @Test("Connections bring requests in flight with them; more in flight brings connections")
  func connections() throws {
    let probes = try probes(text(search: #"{"vary": "connections", "probe": "1s"}"#))
    let eight = try probes.input(for: probe(8)).scenario
    #expect(eight.client.connections == 8 && eight.client.maxInFlight == 12)
    let wide = try self.probes(text()).input(for: probe(900, factor: 4)).scenario
    #expect(wide.client.connections == 16 && wide.client.maxInFlight == 24)
    let batch = try self.probes(text(search: #"{"vary": "batch.records"}"#)).input(for: probe(20)).scenario
    #expect(batch.batch.records == 20)
  }

  @Test("Without thresholds goals of its own are judged; with some, these alone")
  func goals() throws {
    let own = try probes(text())
    #expect(own.hasOwnGoals)
    #expect(own.base.thresholds.namedBounds.map(\.name) == ["throttle.ratio at most", "lost.ratio at most"])
    let given = try probes(text(more: #", "thresholds": [{"metric": "response.p99", "max": "1s"}]"#))
    #expect(!given.hasOwnGoals && given.base.thresholds.count == 1)
  }

  @Test(
    "What cannot be varied is refused",
    arguments: [
      (#"{"name": "a", "duration": "4s", "rate": "max"}"#, "found a phase of rate \"max\""),
      (#"{"name": "a", "duration": "4s", "rate": 5, "measure": false}"#, "expected a measured phase to judge"),
    ])
  func refused(phases: String, message: String) {
    let failure = #expect(throws: CommandFailure.self) { try probes(text(phases: phases)) }
    #expect(failure?.message.contains(message) == true && failure?.code == .usage)
  }
}
