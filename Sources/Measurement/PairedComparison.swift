/// Whether one side of paired rounds differs from the other, for several metrics at once.
///
/// The round is the unit: values of seconds within a run are no sample, since they follow one another. A pair's difference is
/// the log of new over base, or the plain difference where a value may be 0. Under "nothing changed" each pair's sign is as
/// likely one way as the other, in all metrics of a pair together; so the test flips signs of whole pairs, all 2ⁿ ways. Its
/// statistic for a metric is |mean d| / sqrt(mean d²), two-sided; metrics are corrected for being many by the step-down of
/// the largest statistic (Westfall and Young, "Resampling-Based Multiple Testing", 1993, algorithm 2.8).
package struct PairedComparison: Sendable {
  /// One metric with its differences, a pair each, in order.
  package struct Series: Sendable {
    package let differences: [Double]
    /// The smallest change that counts, as a difference on the series' scale; 0 where any change counts.
    package let effect: Double
    /// Which way the metric gets better.
    package let better: MetricDirection

    package init(differences: [Double], effect: Double, better: MetricDirection) {
      self.differences = differences
      self.effect = effect
      self.better = better
    }
  }

  /// What is said of a metric.
  package enum Verdict: String, Sendable, CaseIterable {
    case worse, better, inconclusive
    case noChange = "no change"
  }

  /// What was found of a metric, on the scale of its differences.
  package struct Finding: Sendable, Equatable {
    /// Adjusted for the number of metrics; a multiple of 2/2ⁿ. `nil` for a metric that did not change in any pair.
    package let p: Double?
    package let median: Double
    /// The metric's own interval at 95 %, not adjusted: every change that the same test would not refuse. Infinite ends where
    /// so few pairs refuse nothing.
    package let low: Double
    package let high: Double
    package let verdict: Verdict
    /// How many more pairs would probably decide it; `nil` unless it is inconclusive, and where not even ``mostPairs`` would.
    package let morePairs: Int?
  }

  /// The level that a verdict is taken at.
  package static let level = 0.05
  /// Fewer pairs decide nothing: the smallest p of 5 pairs is 2/32.
  package static let fewestPairs = 6
  /// More would take too long: 2¹⁹ signings are some tenths of a second a metric, and each further pair doubles them.
  package static let mostPairs = 20
  /// How many to make unless told otherwise: a single pair that disagrees still lets the others decide.
  package static let usualPairs = 8
  /// Statistics that are equal by arithmetic count as reached whatever their last bits are.
  private static let tie = 1e-9
  /// Differences beyond it would overflow when they are squared.
  private static let largest = 1e100

  /// Judges every metric. O(2ⁿ · (metrics + n)).
  ///
  /// - Parameter series: of the same number of pairs each, ``fewestPairs`` … ``mostPairs``; numbers within ±1e100.
  /// - Returns: a finding for each, in their order; `nil` when the series are not as they have to be.
  package static func findings(_ series: [Series]) -> [Finding]? {
    guard let pairs = series.first?.differences.count, (fewestPairs...mostPairs).contains(pairs),
      series.allSatisfy({ $0.differences.count == pairs && $0.differences.allSatisfy { $0.magnitude <= largest } })
    else { return nil }
    let p = adjusted(series.map(\.differences))
    return zip(series, p).map { finding($0, p: $1) }
  }

  // MARK: The test

  /// p of each metric, adjusted; `nil` for one that is 0 in every pair.
  private static func adjusted(_ series: [[Double]]) -> [Double?] {
    let scales = series.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() * Double($0.count).squareRoot() }
    // |mean d| / sqrt(mean d²) = |sum d| / (sqrt(n) · sqrt(sum d²)), whose divisor no flip changes.
    func statistic(_ metric: Int, _ sum: Double) -> Double { abs(sum) / scales[metric] }
    let sums = series.map { $0.reduce(0, +) }
    let order = series.indices.filter { scales[$0] > 0 }
      .sorted { (statistic($0, sums[$0]), $1) > (statistic($1, sums[$1]), $0) }
    guard let pairs = series.first?.count, !order.isEmpty else { return series.map { _ in nil } }
    let observed = order.map { statistic($0, sums[$0]) - tie }
    var reached = Array(repeating: 0, count: order.count)
    forEachSigning(order.map { series[$0] }) { signed in
      // The largest statistic of this metric and all below it in the order.
      var largest = 0.0
      for position in order.indices.reversed() {
        largest = max(largest, statistic(order[position], signed[position]))
        if largest >= observed[position] { reached[position] += 1 }
      }
    }
    // The first pair's sign is held: the opposite signing has the same statistics.
    let all = Double(sign: .plus, exponent: pairs - 1, significand: 1)
    var p: [Double?] = series.map { _ in nil }
    var least = 0.0
    for position in order.indices {
      least = max(least, Double(reached[position]) / all)
      p[order[position]] = least
    }
    return p
  }

  /// Calls with the sums of each series under every signing that leaves the first pair's sign, in Gray code order: one
  /// pair flips at a time. Sums are taken anew now and then, so that rounding does not add up.
  private static func forEachSigning(_ series: [[Double]], _ body: ([Double]) -> Void) {
    let pairs = series[0].count
    var signs = Array(repeating: 1.0, count: pairs)
    func sums() -> [Double] { series.map { series in zip(series, signs).reduce(0) { $0 + $1.0 * $1.1 } } }
    var signed = sums()
    body(signed)
    for step in 1..<(1 << (pairs - 1)) {
      let pair = step.trailingZeroBitCount + 1
      signs[pair] = -signs[pair]
      if step % 1_024 == 0 {
        signed = sums()
      } else {
        for index in series.indices { signed[index] += 2 * signs[pair] * series[index][pair] }
      }
      body(signed)
    }
  }

  // MARK: The interval

  /// Every δ for which the test of d − δ alone has p above the level.
  ///
  /// Signing the pairs of a set the other way reaches the observed statistic exactly when δ lies between the mean of that set
  /// and the mean of the others. So p(δ) counts the splits whose two means enclose δ, all of which enclose the mean of all,
  /// and the ends are order statistics of those means.
  package static func interval(_ differences: [Double]) -> ClosedRange<Double> {
    let pairs = differences.count
    guard pairs > 1 else { return -.infinity ... .infinity }
    let total = differences.reduce(0, +)
    var lows: [Double] = []
    var highs: [Double] = []
    var sum = 0.0
    var members = 0
    var isMember = Array(repeating: false, count: pairs)
    for step in 1..<(1 << (pairs - 1)) {
      let pair = step.trailingZeroBitCount + 1
      isMember[pair].toggle()
      members += isMember[pair] ? 1 : -1
      sum = isMember.indices.reduce(0) { isMember[$1] ? $0 + differences[$1] : $0 }
      let inside = sum / Double(members)
      let outside = (total - sum) / Double(pairs - members)
      lows.append(min(inside, outside))
      highs.append(max(inside, outside))
    }
    // p(δ) = (1 + splits that enclose δ) / 2^(n-1) > level.
    let needed = Int((level * Double(1 << (pairs - 1))).rounded(.down))
    guard needed > 0 else { return -.infinity ... .infinity }
    lows.sort()
    highs.sort(by: >)
    return min(lows[needed - 1], highs[needed - 1])...max(lows[needed - 1], highs[needed - 1])
  }

  // MARK: The verdict

  private static func finding(_ series: Series, p: Double?) -> Finding {
    let sorted = series.differences.sorted()
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    guard let p else {
      return Finding(p: nil, median: 0, low: 0, high: 0, verdict: .noChange, morePairs: nil)
    }
    let interval = interval(series.differences)
    let (low, high) = (interval.lowerBound, interval.upperBound)
    let verdict: Verdict
    if p <= level, abs(median) > series.effect {
      verdict = (median > 0) == (series.better == .higher) ? .better : .worse
    } else if low >= -series.effect, high <= series.effect {
      verdict = .noChange
    } else {
      verdict = .inconclusive
    }
    return Finding(
      p: p, median: median, low: low, high: high, verdict: verdict,
      morePairs: verdict == .inconclusive ? morePairs(series, median: median, low: low, high: high) : nil)
  }

  /// The interval narrows with the root of the number of pairs. A median beyond the effect is decided when the interval
  /// ends before 0, one within it when the interval ends before the effect. `nil` where more than ``mostPairs`` would be
  /// needed.
  private static func morePairs(_ series: Series, median: Double, low: Double, high: Double) -> Int? {
    let pairs = series.differences.count
    let half = (high - low) / 2
    let room = abs(median) > series.effect ? abs(median) : series.effect - abs(median)
    guard room > 0 else { return nil }
    let needed = max(Double(pairs) * (half / room) * (half / room), Double(usualPairs), Double(pairs + 1))
    return needed <= Double(mostPairs) ? Int(needed.rounded(.up)) - pairs : nil
  }

  // MARK: Looking ahead

  /// The smallest change, on the scale of the differences, that so many pairs of this noise would show four times out of
  /// five: 2.8 standard errors (1.96 for the level, 0.84 for the power); `nil` for fewer than two differences.
  package static func smallestVisible(_ differences: [Double], pairs: Int) -> Double? {
    guard differences.count > 1, pairs > 0 else { return nil }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return 2.8 * (squares / Double(differences.count - 1) / Double(pairs)).squareRoot()
  }
}
