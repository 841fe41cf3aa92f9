import Measurement
import Observations
import RunResults
import Scenarios
import Testing

@testable import Sizing

@Suite("What a search says of its probes")
struct SearchStudyTests {
  /// A run of 10 s as its summary tells it.
  private func summary(
    planned: Int = 10_000, answered: Int? = nil, throttled: Int = 0, p50: Double = 10, service: Double = 5,
    validity: GeneratorVerdict = .valid, failing: Double? = nil, faults: Int = 0, wasStarved: Bool = false
  ) -> Summary {
    var summary = Summary()
    summary.validity = validity.rawValue
    summary.time.measuredS = 10
    summary.records.planned = planned
    summary.records.traffic.throttled = throttled
    summary.records.traffic.fault = faults
    var clock = Traffic()
    clock.accepted = (answered ?? planned) - throttled - faults
    (clock.throttled, clock.fault) = (throttled, faults)
    summary.records.clock = clock
    summary.rates.plannedRecordsPerS = Double(planned) / 10
    summary.rates.acceptedRecordsPerS = Double(clock.accepted) / 10
    summary.rates.throttleRatio = Double(throttled) / Double(planned)
    var times = SummaryLatency()
    (times.p50, times.p99) = (p50, p50)
    summary.latencyMs.response = times
    times.p50 = service
    summary.latencyMs.service = times
    var generator = SummaryGenerator()
    (generator.boundS, generator.seconds, generator.inFlightCap) = (4, 10, 16)
    generator.stoppedS = wasStarved ? 4 : 0
    summary.generator = generator
    if let failing {
      var threshold = SummaryThreshold()
      (threshold.id, threshold.limit, threshold.observed, threshold.unit) = (
        "throttle.ratio at most", 0.005, failing, "ratio"
      )
      summary.thresholds = [threshold]
    }
    return summary
  }

  private func judged(_ summary: Summary, _ variable: SearchRule.Variable = .rate) -> (SearchStrategy.Verdict, String) {
    var floors = ProbeJudgement.Floors()
    (floors.response, floors.responseTail, floors.service) = (10, 10, 5)
    floors.note(summary)
    let found = ProbeJudgement(summary, floors: floors, variable: variable)
    return (found.verdict, found.reason)
  }

  @Test("A probe passes when its thresholds hold and the plan was kept")
  func verdicts() {
    #expect(judged(summary()) == (.pass, ""))
    #expect(
      judged(summary(failing: 0.012)) == (.fail, "throttle.ratio at most 0.5 %: 1.2 %"))
    #expect(
      judged(summary(validity: .generatorBound)) == (.generatorBound, "the generator was the bottleneck in 4 of 10 s"))
  }

  @Test(
    "Records under way at the end are no backlog; more are",
    arguments: [(10_000, true), (9_990, true), (9_895, true), (9_880, false), (9_000, false)])
  func pace(answered: Int, passes: Bool) {
    // 1,000/s with a floor of 10 ms: ten are under way at any load.
    let found = judged(summary(answered: answered))
    #expect(found.0 == (passes ? .pass : .fail))
    if !passes { #expect(found.1.hasPrefix("fell behind: ")) }
  }

  @Test("All requests out while answers are as fast as ever are ours to add; where answers take longer they are theirs")
  func capped() {
    #expect(judged(summary(service: 7, validity: .capped)).0 == .capped)
    #expect(judged(summary(service: 9, validity: .capped)).0 == .fail)
    // Where connections are what is varied, it is the plan that tells.
    #expect(judged(summary(service: 7, validity: .capped), .connections).0 == .pass)
    #expect(judged(summary(answered: 9_000, service: 7, validity: .capped), .connections).0 == .fail)
  }

  private func study(
    _ capacity: Double, start: Double = 4_000, _ change: (inout SearchStudy.Question) -> Void = { _ in },
    run: (SearchStrategy.Probe) -> Summary
  ) -> SearchDocument {
    var question = SearchStudy.Question(rule: SearchRule(), start: start)
    change(&question)
    var study = SearchStudy(question)
    while let probe = study.next {
      study.take(probe, run(probe), folder: "probes/\(study.count + 1)")
      if study.count > SearchStrategy.mostProbes { break }
    }
    return study.document()
  }

  @Test("A queue at the target: the sentence, the bound and the knee")
  func queue() {
    let found = study(5_000) { probe in
      let isOver = probe.value > 5_000
      // Its p99 is what fails; 5,050/s alone would be behind by less than the plan may be.
      let answered = Int(min(probe.value, 5_000) * 10)
      return summary(
        planned: Int(probe.value * 10), answered: answered, p50: isOver ? 300 : 10, service: isOver ? 190 : 8,
        failing: isOver ? 0.5 : nil)
    }
    #expect(
      found.sentences == [
        "Takes 5,000 records/s, fails at 5,050 records/s: requests queue at the target (service p50 8 to 190 ms), not at our connections or generator.",
        "4,750 records/s, 95 % of 5,000 records/s, was held again and passed.",
        "Response time leaves its floor (p50 10 ms) above 5,000 records/s: 300 ms at 5,050 records/s.",
        "Both ends were decided by probes that agree.",
      ])
    #expect(found.boundBy == .time && found.limitedBy == "target" && found.isClosed)
    #expect(found.knee == SearchDocument.Knee(value: 5_000, floor: 10, next: 5_050, nextP50: 300))
  }

  @Test("Throttling: which limit binds, and by how much")
  func throttled() {
    let found = study(2_000, start: 1_600) {
      $0.analyticLimit = 2_000
    } run: { probe in
      let over = max(0, probe.value - 2_000)
      return summary(
        planned: Int(probe.value * 10), throttled: Int(over * 10), failing: over > 0 ? over / probe.value : nil)
    }
    #expect(found.boundBy == .records)
    #expect(found.sentences[0].hasPrefix("Takes 2,000 records/s, fails at 2,020 records/s: the target throttles ("))
    #expect(found.sentences.last == "By the key masses the hottest shard meets its limit at 2,000 records/s.")
    #expect(found.probes.filter(\.isEmptied).count == found.probes.count - 2)
  }

  @Test("A generator that is the limit is told as at least")
  func generator() {
    let found = study(5_000) { probe in
      summary(planned: Int(probe.value * 10), validity: probe.value > 5_000 ? .generatorBound : .valid)
    }
    #expect(found.boundBy == .generator && found.limitedBy == "generator")
    #expect(found.sentences[0].hasPrefix("Takes at least 4,9") || found.sentences[0].hasPrefix("Takes at least 5,0"))
  }

  @Test("A search that was stopped says as far as it got")
  func stopped() {
    var study = SearchStudy(SearchStudy.Question(rule: SearchRule(), start: 1_000))
    guard let probe = study.next else { return }
    study.take(probe, summary(), folder: "probes/01")
    let found = study.document(stopped: "interrupted")
    #expect(found.highestPass == 1_000 && found.lowestFail == nil && found.limitedBy == nil && !found.isClosed)
    #expect(found.sentences[0] == "Takes 1,000 records/s; nothing that was tried fails.")
    #expect(found.sentences.last == "It ended early: interrupted; what passes and fails is as far as it got.")
  }
}
