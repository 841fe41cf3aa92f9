import Measurement

/// What a search tries next, from what its probes have shown so far: a bracket by a factor, bisection led by what a failing
/// probe still accepted, the bracket's ends decided by probes that agree, and a soak below the highest pass.
///
/// A value like any other: it sends nothing and knows no clock. It thinks along one axis on which low loads pass and high
/// ones fail; where the lowest of something is looked for (connections, a batch's records), that axis is its inverse.
///
/// ```
/// var strategy = SearchStrategy(.init(start: 4_000))
/// while case .probe(let probe) = strategy.next { strategy.take(try run(probe)) }
/// ```
package struct SearchStrategy: Sendable {
  /// The most probes of a search, its soak included.
  package static let mostProbes = 15
  /// The soak's load over the highest one that passed.
  package static let soakShare = 0.95
  /// How many times in a row a factor leads down before it is said that nothing passes.
  private static let mostDescents = 6
  /// How often what a failing probe accepted leads the next one.
  private static let mostLed = 4
  /// Requests in flight are doubled at most so often.
  private static let mostDoublings = 4
  /// A pass on full buckets counts below this part of what a throttled probe accepted: there it needed no credit.
  private static let creditFree = 0.9

  /// What is looked for.
  package struct Settings: Sendable {
    /// The first value.
    package var start: Double
    /// From one value to the next until the bracket is closed, above 1.
    package var factor = 2.0
    /// How close the bracket's ends come, as a part of the lower one, above 0.
    package var tolerance = 0.02
    /// Whether the highest value that passes is looked for, or the lowest.
    package var isHighest = true
    /// Whether values are whole numbers.
    package var isWhole = false
    /// Values that there are.
    package var range: ClosedRange<Double> = 0.001...1e9
    /// How many probes of an end must agree, at least 1: 2, or 3 for latencies, which drift.
    package var agreeing = 2
    /// These values in this order and no others.
    package var values: [Double]?
    /// Whether what a failing probe accepted is a value of the axis.
    package var isRate = true

    /// A search from a value on.
    package init(start: Double) { self.start = start }
  }

  /// Why a value is tried.
  package enum Purpose: String, Sendable {
    case bracket, bisect, confirm, soak, sweep
    /// The same with more requests in flight: ours were too few.
    case widen
  }

  /// What became of a probe.
  package enum Verdict: String, Sendable {
    case pass, fail
    /// The generator was the bottleneck: nothing is known of the target.
    case generatorBound = "generator-bound"
    /// All requests in flight were out while the target was as fast as ever: ours were too few.
    case capped
  }

  /// A value to be tried.
  package struct Probe: Sendable, Equatable {
    package var value: Double
    package var purpose: Purpose
    /// By what the requests in flight are multiplied.
    package var inFlightFactor: Int
    /// Whether the shards' burst credit is to be emptied before.
    package var empties: Bool

    /// A value to be tried.
    package init(value: Double, purpose: Purpose, inFlightFactor: Int = 1, empties: Bool = false) {
      (self.value, self.purpose) = (value, purpose)
      (self.inFlightFactor, self.empties) = (inFlightFactor, empties)
    }
  }

  /// A value that was tried.
  package struct Result: Sendable, Equatable {
    package var probe: Probe
    package var verdict: Verdict
    /// Records/s accepted by the clock.
    package var acceptedRate: Double?
    /// Whether the target throttled.
    package var isThrottled = false
    /// Whether the generator was bound because it was stopped or starved, and not because it was asked for too much.
    package var isStarved = false

    /// What a probe showed.
    package init(
      _ probe: Probe, _ verdict: Verdict, acceptedRate: Double? = nil, isThrottled: Bool = false,
      isStarved: Bool = false
    ) {
      (self.probe, self.verdict, self.acceptedRate) = (probe, verdict, acceptedRate)
      (self.isThrottled, self.isStarved) = (isThrottled, isStarved)
    }
  }

  /// What is to be done.
  package enum Step: Sendable, Equatable {
    case probe(Probe)
    case done(Answer)
  }

  /// What a search found.
  package struct Answer: Sendable, Equatable {
    /// The end of the bracket that passes; `nil` when nothing did.
    package var pass: Double?
    /// The end that fails; `nil` when nothing did.
    package var fail: Double?
    /// Whether what ended the passes was the generator.
    package var isGeneratorBound: Bool
    /// Whether the bracket is as close as asked for, its ends confirmed.
    package var isClosed: Bool
    /// Whether the soak passed; `nil` without one.
    package var soak: Bool?
  }

  private let settings: Settings
  /// What was tried, in order.
  package private(set) var results: [Result] = []
  private var inFlightFactor = 1

  /// A search that has tried nothing.
  package init(_ settings: Settings) { self.settings = settings }

  /// Takes what a probe showed.
  package mutating func take(_ result: Result) {
    results.append(result)
    guard result.verdict == .capped, inFlightFactor < 1 << Self.mostDoublings else { return }
    inFlightFactor *= 2
  }

  /// What is to be done now. O(probes²).
  package var next: Step {
    if let last = results.last, last.verdict == .capped, last.probe.inFlightFactor < inFlightFactor {
      let isFull = settings.values == nil && results.count >= Self.mostProbes
      return isFull ? .done(answer(isClosed: false)) : probe(last.probe.value, .widen)
    }
    if let values = settings.values {
      let tried = results.count { $0.probe.purpose != .widen }
      return tried < values.count ? probe(values[tried], .sweep) : .done(answer(isClosed: true))
    }
    guard let first = results.first else { return probe(value(atLoad: load(settings.start)), .bracket) }
    let found = bracket
    guard results.count < Self.mostProbes - (found.pass == nil ? 0 : 1) else { return soak(found, isClosed: false) }
    if let open = undecided(in: found) { return probe(open, .confirm) }
    switch (found.pass, found.fail) {
    case (nil, nil): return probe(first.probe.value, .confirm)
    case (let pass?, nil):
      let higher = value(atLoad: load(pass) * settings.factor)
      return higher == pass ? soak(found, isClosed: true) : probe(higher, .bracket)
    case (nil, let fail?): return descend(from: fail, found)
    case (let pass?, let fail?): return narrow(pass, fail, found)
    }
  }

  /// What is known when it ends here.
  package func answer(isClosed: Bool) -> Answer {
    let found = bracket
    let soak = results.last { $0.probe.purpose == .soak && $0.verdict != .generatorBound }
    return Answer(
      pass: found.pass, fail: found.fail, isGeneratorBound: found.isGeneratorBound, isClosed: isClosed,
      soak: soak.map { $0.verdict == .pass })
  }

  // MARK: - The axis

  /// Along the axis that low values pass on.
  private func load(_ value: Double) -> Double { settings.isHighest ? value : 1 / value }

  private func value(atLoad load: Double) -> Double {
    let value = settings.isHighest ? load : 1 / load
    let inside = min(max(value, settings.range.lowerBound), settings.range.upperBound)
    return settings.isWhole ? inside.rounded() : Self.rounded(inside)
  }

  /// To four digits: a rate can be told and typed again.
  static func rounded(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return value }
    var (up, down) = (1.0, 1.0)
    while value * up < 999.95 { up *= 10 }
    while value / down >= 9_999.5 { down *= 10 }
    // One of them is 1: a whole number over a power of ten is the double nearest to its four digits.
    return (value * up / down).rounded() * down / up
  }

  private func probe(_ value: Double, _ purpose: Purpose) -> Step {
    let empties = settings.isRate && results.contains(where: \.isThrottled)
    return .probe(Probe(value: value, purpose: purpose, inFlightFactor: inFlightFactor, empties: empties))
  }

  // MARK: - What is known

  private struct Bracket {
    var pass: Double?
    var fail: Double?
    var isGeneratorBound = false
    var counts: [Double: Counts] = [:]
  }

  /// What the probes of one value said.
  private struct Counts {
    var passes = 0
    var fails = 0
    /// Twice how often the generator was bound; once for a time that others kept it from running.
    var bound = 0

    /// A value passes or fails by most of its probes; a bound generator says nothing against either, and bounds where it
    /// is so again: twice, or three times where it was starved. In a sweep, where nothing is tried again, once.
    func isPass(isSweep: Bool) -> Bool? {
      if passes + fails == 0 { return bound > (isSweep ? 0 : 2) ? false : nil }
      return passes == fails ? nil : passes > fails
    }
  }

  /// The least that a throttled probe accepted: one on full buckets accepts more than the shards take for long.
  private var throttledRate: Double? { results.filter(\.isThrottled).compactMap(\.acceptedRate).min() }

  /// Whether a pass rests on credit that another run need not find.
  private func isFlattered(_ result: Result) -> Bool {
    guard settings.isRate, result.verdict == .pass, !result.probe.empties, let throttledRate else { return false }
    return result.probe.value > throttledRate * Self.creditFree
  }

  private var bracket: Bracket {
    var found = Bracket()
    let isSweep = settings.values != nil
    for result in results where !isFlattered(result) {
      switch result.verdict {
      case .pass: found.counts[result.probe.value, default: Counts()].passes += 1
      case .fail: found.counts[result.probe.value, default: Counts()].fails += 1
      case .generatorBound: found.counts[result.probe.value, default: Counts()].bound += result.isStarved ? 1 : 2
      case .capped:
        // Counts only where more in flight was no way out.
        guard result.probe.inFlightFactor >= 1 << Self.mostDoublings else { continue }
        found.counts[result.probe.value, default: Counts()].fails += 1
      }
    }
    let decided = found.counts.compactMap { value, counts in
      counts.isPass(isSweep: isSweep).map { (value: value, isPass: $0) }
    }
    found.fail = decided.filter { !$0.isPass }.map(\.value).min { load($0) < load($1) }
    found.pass = decided.filter { one in one.isPass && found.fail.map { load(one.value) < load($0) } ?? true }
      .map(\.value).max { load($0) < load($1) }
    found.isGeneratorBound = found.fail.flatMap { found.counts[$0] }.map { $0.fails == 0 } ?? false
    return found
  }

  /// A value whose probes contradict each other, below the lowest that fails.
  private func undecided(in found: Bracket) -> Double? {
    found.counts.filter { value, counts in
      counts.isPass(isSweep: false) == nil && found.fail.map { load(value) < load($0) } ?? true
        && found.pass.map { load(value) > load($0) } ?? true
    }.map(\.key).min { load($0) < load($1) }
  }

  // MARK: - Steps

  private func descend(from fail: Double, _ found: Bracket) -> Step {
    // Whole numbers come to their end by themselves.
    let descents = results.count { $0.probe.purpose == .bracket && $0.verdict != .pass }
    guard settings.isWhole || descents <= Self.mostDescents else { return .done(answer(isClosed: true)) }
    if let led = led(below: fail, above: nil, found) { return probe(led, .bracket) }
    let lower = value(atLoad: load(fail) / settings.factor)
    return lower == fail ? .done(answer(isClosed: true)) : probe(lower, .bracket)
  }

  private func narrow(_ pass: Double, _ fail: Double, _ found: Bracket) -> Step {
    let isAdjacent = settings.isWhole && abs(pass - fail) <= 1
    guard !isAdjacent, load(fail) > load(pass) * (1 + settings.tolerance * 1.001) else {
      return confirm(pass, fail, found)
    }
    if let led = led(below: fail, above: pass, found) { return probe(led, .bisect) }
    let middle = value(atLoad: StableMath.exp((StableMath.log(load(pass)) + StableMath.log(load(fail))) / 2))
    if middle != pass, middle != fail { return probe(middle, .bisect) }
    guard settings.isWhole else { return confirm(pass, fail, found) }
    // Rounding fell on an end: the neighbour of the one that passes.
    return probe(pass < fail ? pass + 1 : pass - 1, .bisect)
  }

  /// A value beside what the lowest failing probe accepted: that is what the target makes of more than it takes.
  private func led(below fail: Double, above pass: Double?, _ found: Bracket) -> Double? {
    guard settings.isRate, settings.isHighest, results.filter({ $0.verdict == .fail }).count <= Self.mostLed,
      let accepted = results.last(where: { $0.probe.value == fail && $0.verdict == .fail })?.acceptedRate, accepted > 0
    else { return nil }
    let step = settings.tolerance / 2
    for part in [-1.0, 1, 3, 5] {
      let value = value(atLoad: accepted * (1 + part * step))
      guard value < fail, found.counts[value] == nil, pass.map({ value > $0 * (1 + step / 2) }) ?? true else {
        continue
      }
      // So near to the failing end nothing new would be learnt.
      if value * (1 + step / 2) < fail { return value }
    }
    return nil
  }

  private func confirm(_ pass: Double, _ fail: Double, _ found: Bracket) -> Step {
    // First the end that the answer stands on: if it falls, there is more to find.
    if let counts = found.counts[pass], counts.passes < settings.agreeing { return probe(pass, .confirm) }
    if let counts = found.counts[fail], counts.fails < settings.agreeing, counts.fails > 0 {
      return probe(fail, .confirm)
    }
    return soak(found, isClosed: true)
  }

  private func soak(_ found: Bracket, isClosed: Bool) -> Step {
    guard let pass = found.pass, results.count < Self.mostProbes else { return .done(answer(isClosed: isClosed)) }
    let value = value(atLoad: load(pass) * Self.soakShare)
    if results.contains(where: { $0.probe.purpose == .soak && $0.probe.value == value }) {
      return .done(answer(isClosed: isClosed))
    }
    return probe(value, .soak)
  }
}
