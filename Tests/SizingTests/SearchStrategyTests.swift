import Measurement
import Testing

@testable import Sizing

@Suite("The strategy of a search")
struct SearchStrategyTests {
  typealias Settings = SearchStrategy.Settings
  typealias Verdict = SearchStrategy.Verdict

  /// Runs a search against a target that answers probes.
  private func search(
    _ settings: Settings, _ target: (SearchStrategy.Probe) -> SearchStrategy.Result
  ) -> (answer: SearchStrategy.Answer, results: [SearchStrategy.Result]) {
    var strategy = SearchStrategy(settings)
    while true {
      switch strategy.next {
      case .done(let answer): return (answer, strategy.results)
      case .probe(let probe):
        #expect(strategy.results.count < SearchStrategy.mostProbes)
        guard strategy.results.count < 100 else { return (strategy.answer(isClosed: false), strategy.results) }
        strategy.take(target(probe))
      }
    }
  }

  /// Passes up to `capacity`, and accepts no more.
  private func plain(_ capacity: Double) -> (SearchStrategy.Probe) -> SearchStrategy.Result {
    { SearchStrategy.Result($0, $0.value <= capacity ? .pass : .fail, acceptedRate: min($0.value, capacity)) }
  }

  private func settings(
    from start: Double, factor: Double = 2, tolerance: Double = 0.02, agreeing: Int = 2
  ) -> Settings {
    var settings = Settings(start: start)
    (settings.factor, settings.tolerance, settings.agreeing) = (factor, tolerance, agreeing)
    return settings
  }

  @Test("A bracket, led by what failing probes accepted, its ends confirmed, and a soak")
  func steps() {
    let (answer, results) = search(settings(from: 4_000), plain(5_000))
    let told = results.map { "\($0.probe.purpose) \(Int($0.probe.value)) \($0.verdict)" }
    #expect(
      told == [
        "bracket 4000 pass", "bracket 8000 fail", "bisect 4950 pass", "bisect 5050 fail", "bisect 5000 pass",
        "confirm 5000 pass", "confirm 5050 fail", "soak 4750 pass",
      ])
    #expect(answer.pass == 5_000 && answer.fail == 5_050 && answer.isClosed && answer.soak == true)
    #expect(!answer.isGeneratorBound)
  }

  /// What a simulated target does; its capacity is drawn.
  private struct Simulated {
    /// A latency that crosses its bound: nothing leads, and within a tenth of a percent chance decides.
    var isNoisy = false
    /// Full buckets carry 5 to 13 % more until they are emptied.
    var hasCredit = false
    /// The part of its probes that fail whatever the load.
    var failing = 0.0
  }

  /// Searches against as many targets.
  ///
  /// - Returns: how often the answer was within the tolerance.
  private func right(_ kind: Simulated, trials: Int) -> Int {
    (0..<trials).count { trial in
      let random = CounterRandom(seed: UInt64(trial), domain: 7)
      var draw: UInt64 = 0
      func uniform() -> Double {
        draw += 1
        return random.openUnit(draw)
      }
      let capacity = StableMath.exp(5 + uniform() * 8)
      let credit = kind.hasCredit ? 0.05 + 0.08 * uniform() : 0
      let start = capacity * StableMath.exp((uniform() - 0.6) * 4)
      let (answer, _) = search(settings(from: start, agreeing: kind.isNoisy ? 3 : 2)) { probe in
        let takes = capacity * (1 + (probe.empties ? 0 : credit))
        var passes = probe.value <= takes
        if kind.isNoisy { passes = uniform() < 1 / (1 + StableMath.exp((probe.value / takes - 1) / 0.001)) }
        if uniform() < kind.failing { passes = false }
        return SearchStrategy.Result(
          probe, passes ? .pass : .fail, acceptedRate: kind.isNoisy && !kind.hasCredit ? nil : min(probe.value, takes),
          isThrottled: kind.hasCredit && probe.value > takes)
      }
      return answer.pass.map { abs($0 / capacity - 1) <= 0.021 } ?? false
    }
  }

  @Test("A thousand simulated targets: right within the tolerance in 98 of 100, never more than 15 probes")
  func simulated() {
    var counts: [Int] = []
    for (isNoisy, hasCredit) in [(false, false), (false, true), (true, false), (true, true)] {
      counts.append(right(Simulated(isNoisy: isNoisy, hasCredit: hasCredit), trials: 250))
    }
    #expect(counts.reduce(0, +) >= 980, "sharp, with credit, noisy, noisy with credit: \(counts) of 250 each")
    #expect(counts[0] == 250 && counts[1] >= 245)
  }

  @Test("A target of which every eighth probe fails by chance is found in 8 of 10 searches")
  func unsteady() {
    let found = right(Simulated(failing: 0.125), trials: 250)
    #expect(found >= 200, "\(found) of 250")
  }

  @Test(
    "Full buckets flatter no answer: what passed on credit before the first throttling is tried again",
    arguments: [2_200, 3_000])
  func credit(whole: Double) {
    let (answer, results) = search(settings(from: 2_060)) { probe in
      // Short probes on full buckets: the faster credit is used, the more is accepted a second.
      let takes = probe.empties ? 2_000.0 : min(max(2_200, probe.value), whole)
      return SearchStrategy.Result(
        probe, probe.value <= takes ? .pass : .fail, acceptedRate: min(probe.value, takes),
        isThrottled: probe.value > takes)
    }
    #expect(results.first?.verdict == .pass)
    let emptied = results.dropFirst(2).map { $0.probe.empties }
    #expect(!emptied.contains(false))
    #expect((answer.pass ?? 0) >= 1_960 && (answer.pass ?? 0) <= 2_000)
  }

  @Test(
    "The lowest of a whole number", arguments: [1, 2, 3, 7, 8, 9, 100, 499, 500] as [Double],
    [1, 8, 100, 500] as [Double])
  func lowest(needed: Double, start: Double) {
    var settings = settings(from: start)
    (settings.isHighest, settings.isWhole, settings.isRate, settings.range) = (false, true, false, 1...500)
    let (answer, results) = search(settings) {
      SearchStrategy.Result($0, $0.value >= needed ? .pass : .fail, acceptedRate: 123)
    }
    let pass = answer.pass ?? 0
    #expect(pass >= needed && pass <= (needed * 1.021).rounded(.up), "\(results.map(\.probe.value))")
    if needed > 1 { #expect((answer.fail ?? 0) < needed) }
  }

  @Test("A generator that is the limit bounds from below and never is a capacity")
  func generator() {
    let (answer, results) = search(settings(from: 1_000)) {
      SearchStrategy.Result($0, $0.value > 5_000 ? .generatorBound : .pass, acceptedRate: $0.value)
    }
    #expect(answer.isGeneratorBound && answer.pass.map { $0 > 4_800 && $0 <= 5_000 } == true)
    // Once may be a busy machine.
    let first = results.firstIndex { $0.verdict == .generatorBound } ?? 0
    #expect(results[first + 1].probe.value == results[first].probe.value)
  }

  @Test("A generator that was busy once is no limit")
  func busyOnce() {
    var isFirst = true
    let (answer, _) = search(settings(from: 4_000)) { probe in
      defer { isFirst = false }
      return SearchStrategy.Result(
        probe, isFirst ? .generatorBound : probe.value <= 5_000 ? .pass : .fail, acceptedRate: min(probe.value, 5_000))
    }
    #expect(answer.pass == 5_000 && !answer.isGeneratorBound)
  }

  @Test(
    "Too few requests in flight are doubled at the same load; when that is no way out, it fails", arguments: [4, 64])
  func capped(needed: Int) {
    let (answer, results) = search(settings(from: 4_000)) { probe in
      if probe.value > 2_500, probe.inFlightFactor < needed { return SearchStrategy.Result(probe, .capped) }
      return SearchStrategy.Result(
        probe, probe.value <= 5_000 ? .pass : .fail, acceptedRate: min(probe.value, 5_000))
    }
    let first = results.prefix(3)
    #expect(first.map { $0.probe.inFlightFactor } == [1, 2, 4])
    #expect(first.map { $0.probe.value } == [4_000, 4_000, 4_000])
    #expect(answer.pass.map { $0 <= (needed == 4 ? 5_000 : 2_550) } == true)
    if needed == 4 { #expect(answer.pass == 5_000) }
  }

  @Test("Nothing passes: said after six values")
  func nothing() {
    let (answer, results) = search(settings(from: 1_000)) { SearchStrategy.Result($0, .fail) }
    #expect(answer == SearchStrategy.Answer(pass: nil, fail: 15.63, isGeneratorBound: false, isClosed: true, soak: nil))
    #expect(results.count == 7)
  }

  @Test("Given values are tried in their order and no others", arguments: [[500], [500, 100, 200]] as [[Double]])
  func values(values: [Double]) {
    var settings = settings(from: 1)
    settings.values = values
    let (answer, results) = search(settings, plain(300))
    #expect(results.map { $0.probe.value } == values)
    #expect(results.map { $0.probe.purpose } == values.map { _ in .sweep })
    #expect(answer.pass == (values.count == 1 ? nil : 200) && answer.fail == 500)
  }

  @Test("A soak that fails lowers the answer")
  func soakFails() {
    let (answer, _) = search(settings(from: 4_000)) { probe in
      let fails = probe.purpose == .soak && probe.value > 4_000 || probe.value > 5_000
      return SearchStrategy.Result(probe, fails ? .fail : .pass, acceptedRate: min(probe.value, 4_000))
    }
    #expect((answer.pass ?? .infinity) < 4_750)
  }
}
