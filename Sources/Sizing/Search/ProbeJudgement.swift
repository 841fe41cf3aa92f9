import Measurement
import Observations
import RunResults
import Scenarios

/// What a run of a search says about the value that it held: a pure function of its summary and of the floors that earlier
/// probes found.
struct ProbeJudgement {
  /// Answers up to so many times the floor are as fast as ever.
  static let steady = 1.5
  /// The part of the planned records that must have been answered while they were planned.
  static let pace = 0.99

  let verdict: SearchStrategy.Verdict
  /// Why it did not pass; empty when it did.
  let reason: String

  /// The lowest p50 and p99 of response, and p50 of service so far, milliseconds.
  struct Floors {
    var response: Double?
    var responseTail: Double?
    var service: Double?

    /// Takes in a probe.
    mutating func note(_ summary: Summary) {
      response = [response, summary.latencyMs.response?.p50].compactMap(\.self).min()
      responseTail = [responseTail, summary.latencyMs.response?.p99].compactMap(\.self).min()
      service = [service, summary.latencyMs.service?.p50].compactMap(\.self).min()
    }
  }

  /// Judges a run.
  ///
  /// - Parameters:
  ///   - floors: of all probes so far, this one included.
  ///   - variable: what is varied: only a rate is tried again with more requests in flight.
  init(_ summary: Summary, floors: Floors, variable: SearchRule.Variable) {
    (verdict, reason) = Self.judge(summary, floors, variable)
  }

  private static func judge(
    _ summary: Summary, _ floors: Floors, _ variable: SearchRule.Variable
  ) -> (SearchStrategy.Verdict, String) {
    if summary.validity == GeneratorVerdict.generatorBound.rawValue {
      let generator = summary.generator
      return (
        .generatorBound, "the generator was the bottleneck in \(generator?.boundS ?? 0) of \(generator?.seconds ?? 0) s"
      )
    }
    let isCapped = summary.validity == GeneratorVerdict.capped.rawValue
    let cap = summary.generator?.inFlightCap.map { "\($0) requests" } ?? "the requests"
    if isCapped, variable == .rate, isSteady(summary, floors) {
      return (.capped, "\(cap) in flight were out while answers came as fast as ever")
    }
    let failed = summary.thresholds.filter { !$0.passed }
    if !failed.isEmpty { return (.fail, failed.map(text).joined(separator: "; ")) }
    if let share = answered(summary, floors), share < pace {
      return (.fail, "fell behind: \(Words.percent(share)) of the records were answered while they came due")
    }
    // Where connections or batches are what is varied, it is whether the plan was kept that tells.
    if isCapped, variable == .rate { return (.fail, "\(cap) in flight were out, and answers took longer") }
    return (.pass, "")
  }

  private static func isSteady(_ summary: Summary, _ floors: Floors) -> Bool {
    guard let service = summary.latencyMs.service?.p50, let floor = floors.service else { return false }
    return service <= floor * steady
  }

  /// The part of the records planned that had their answers within the measured time. What is under way at its end
  /// is so at any load, for as long as batches linger and answers take (the lowest p99 of response), and is left out. `nil` for a closed loop.
  private static func answered(_ summary: Summary, _ floors: Floors) -> Double? {
    guard let planned = summary.records.planned, planned > 0, let clock = summary.records.clock,
      let rate = summary.rates.plannedRecordsPerS, summary.generator?.closedLoopS ?? 0 == 0
    else { return nil }
    let underWay = rate * (floors.responseTail ?? 0) / 1_000
    guard Double(planned) > underWay else { return nil }
    return Double(clock.ended) / (Double(planned) - underWay)
  }

  private static func text(_ threshold: SummaryThreshold) -> String {
    guard let observed = threshold.observed else {
      return "\(threshold.id): no data" + (threshold.reason.map { ", \($0)" } ?? "")
    }
    let isRatio = threshold.unit == "ratio"
    func value(_ number: Double) -> String {
      isRatio
        ? Words.percent(number) : "\(Words.number(number, digits: number.magnitude < 100 ? 2 : 0)) \(threshold.unit)"
    }
    return "\(threshold.id) \(value(threshold.limit)): \(value(observed))"
  }
}
