import Testing

@testable import Measurement

@Suite struct PairedComparisonTests {
  private typealias Series = PairedComparison.Series

  private static func series(
    _ differences: [Double], effect: Double = 0.05, better: MetricDirection = .lower
  ) -> PairedComparison.Series {
    Series(differences: differences, effect: effect, better: better)
  }

  /// One metric whose cases can be counted by hand: of 2⁶ signings those reach the statistic whose |sum| is not smaller.
  @Test(
    arguments: [
      // All agree: only the two signings of one sign reach it.
      ("all agree", [0.1, 0.11, 0.12, 0.13, 0.14, 0.15], 2.0 / 64, .worse, nil),
      ("all agree the other way", [-0.1, -0.11, -0.12, -0.13, -0.14, -0.15], 2.0 / 64, .better, nil),
      // One pair of another mind, the smallest: flipping it raises the sum, so 4 of 64.
      ("one small pair disagrees", [-0.01, 0.11, 0.12, 0.13, 0.14, 0.15], 4.0 / 64, .inconclusive, 2),
      // Equal magnitudes: k minus signs give the sum 6 − 2k; |sum| = 6 twice.
      ("ties, all agree", [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 2.0 / 64, .worse, nil),
      // |6 − 2k| ≥ 4: k = 0, 1, 5, 6: 1 + 6 + 6 + 1.
      ("ties, one disagrees", [0.1, 0.1, 0.1, 0.1, 0.1, -0.1], 14.0 / 64, .inconclusive, 2),
      // |sum| = 0 is always reached.
      ("ties, half disagree", [0.1, 0.1, 0.1, -0.1, -0.1, -0.1], 1, .inconclusive, nil),
      // Zeros have no sign: 2⁴ of the signings leave the other two pairs as they are.
      ("zeros", [0, 0, 0, 0, 0.1, 0.1], 32.0 / 64, .inconclusive, 2),
      ("within the effect", [0.01, 0.012, 0.011, 0.009, 0.01, 0.013], 2.0 / 64, .noChange, nil),
      ("within the effect, of either sign", [0.01, -0.012, 0.011, -0.009, 0.01, -0.013], 56.0 / 64, .noChange, nil),
      ("nothing changed", [0, 0, 0, 0, 0, 0], nil, .noChange, nil),
      ("too noisy for twenty pairs", [1, -1.1, 0.9, -1, 1.2, -0.9], 1, .inconclusive, nil),
    ] as [(String, [Double], Double?, PairedComparison.Verdict, Int?)])
  func smallCases(
    name: String, differences: [Double], p: Double?, verdict: PairedComparison.Verdict, morePairs: Int?
  ) throws {
    let finding = try #require(PairedComparison.findings([Self.series(differences)])?.first)
    #expect(finding.p == p, "\(name)")
    #expect(finding.verdict == verdict, "\(name)")
    #expect(finding.morePairs == morePairs, "\(name)")
  }

  @Test func directionDecidesWhatIsWorse() throws {
    let up = [0.1, 0.11, 0.12, 0.13, 0.14, 0.15]
    let findings = try #require(
      PairedComparison.findings([Self.series(up, better: .lower), Self.series(up, better: .higher)]))
    #expect(findings.map(\.verdict) == [.worse, .better])
  }

  @Test func theIntervalOfSixPairsIsTheirRange() throws {
    let finding = try #require(PairedComparison.findings([Self.series([0.3, -0.1, 0.2, 0.05, 0.4, 0.15])])?.first)
    #expect(abs(finding.low + 0.1) < 1e-12 && abs(finding.high - 0.4) < 1e-12)
    #expect(abs(finding.median - 0.175) < 1e-12)
  }

  /// A change that counts from 0 on: what differs in all pairs is found, what is the same in all is no change.
  @Test func anEffectOfNothing() throws {
    let findings = try #require(
      PairedComparison.findings([
        Self.series([1, 2, 1, 3, 1, 2], effect: 0), Self.series([0, 0, 0, 0, 0, 0], effect: 0),
      ]))
    #expect(findings.map(\.verdict) == [.worse, .noChange])
  }

  @Test(
    arguments: [
      ("none at all", []), ("five pairs decide nothing", [[1, 2, 3, 4, 5]]),
      ("more pairs than can be tried", [Array(repeating: 1, count: 21)]),
      ("series of different lengths", [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]]),
      ("not a number", [[1, 2, 3, 4, 5, .nan]]), ("infinite", [[1, 2, 3, 4, 5, .infinity]]),
      ("too large to be squared", [[1, 2, 3, 4, 5, 1e200]]),
    ] as [(String, [[Double]])])
  func whatCannotBeJudged(name: String, series: [[Double]]) {
    #expect(PairedComparison.findings(series.map { Self.series($0) }) == nil, "\(name)")
  }

  /// Every signing tried anew, every statistic from its definition, every interval by asking the test at many changes.
  @Test(arguments: 0..<60)
  func agreesWithTheNaiveTest(seed: UInt64) throws {
    var random = SequenceRandom(state: seed)
    let pairs = 6 + Int(seed % 5)
    let metrics = 1 + Int(seed % 4)
    let shift = Double(seed % 3) * 0.4
    // Coarse numbers make ties; a common part makes the metrics depend on each other.
    var series = (0..<metrics).map { _ in Array(repeating: 0.0, count: pairs) }
    for pair in 0..<pairs {
      let common = Double(random.next() % 9) - 4
      for metric in 0..<metrics {
        series[metric][pair] = ((Double(random.next() % 9) - 4 + common) / 8 + shift) * (seed % 7 == 0 ? 0.1 : 1)
      }
    }
    if seed % 5 == 0 { series[0] = series[0].map { _ in 0 } }
    let findings = try #require(PairedComparison.findings(series.map { Self.series($0) }))
    let naive = NaiveSignFlips.adjusted(series)
    for (metric, finding) in findings.enumerated() {
      if let expected = naive[metric] {
        #expect(abs((finding.p ?? -1) - expected) < 1e-12)
      } else {
        #expect(finding.p == nil)
      }
      guard finding.p != nil else { continue }
      // Just inside the ends the test does not refuse, just outside it does.
      let d = series[metric]
      let step = 1e-6
      #expect(NaiveSignFlips.p(d.map { $0 - finding.low - step }) > PairedComparison.level)
      #expect(NaiveSignFlips.p(d.map { $0 - finding.high + step }) > PairedComparison.level)
      #expect(NaiveSignFlips.p(d.map { $0 - finding.low + step }) <= PairedComparison.level)
      #expect(NaiveSignFlips.p(d.map { $0 - finding.high - step }) <= PairedComparison.level)
    }
  }

  /// Under "nothing changed" the test is exact: over all signings of the same magnitudes no more than the level is found.
  @Test func falseAlarmsOfAllSigningsStayBelowTheLevel() throws {
    let magnitudes = [[0.3, 0.1, 0.5, 0.2, 0.4, 0.7], [0.2, 0.6, 0.1, 0.3, 0.9, 0.4]]
    var alarms = 0
    for mask in 0..<64 {
      let signed = magnitudes.map { series in
        series.enumerated().map { mask >> $0.offset & 1 == 1 ? -$0.element : $0.element }
      }
      let findings = try #require(PairedComparison.findings(signed.map { Self.series($0, effect: 0.01) }))
      if findings.contains(where: { $0.verdict == .worse || $0.verdict == .better }) { alarms += 1 }
    }
    #expect(alarms == 2)
  }

  /// 2¹⁹ signings of two metrics: the sums must not drift by adding and taking away.
  @Test func mostPairs() throws {
    let up = (0..<20).map { 1e6 + Double($0) }
    let findings = try #require(PairedComparison.findings([Self.series(up), Self.series(up.map { -$0 / 3 })]))
    #expect(findings.map(\.p) == [2.0 / 1_048_576, 2.0 / 1_048_576])
    #expect(findings.map(\.verdict) == [.worse, .better])
  }

  @Test(
    arguments: [
      ("one pair", [0.1], 8, nil), ("two alike", [0.1, 0.1], 8, 0), ("no pairs to make", [0.1, 0.2], 0, nil),
      // Deviation 0.1: 2.8 × 0.1 / 2.
      ("four pairs", [0.1, 0.2, 0.3], 4, 0.14),
    ] as [(String, [Double], Int, Double?)])
  func smallestVisibleChange(name: String, differences: [Double], pairs: Int, expected: Double?) {
    let found = PairedComparison.smallestVisible(differences, pairs: pairs)
    #expect((found == nil) == (expected == nil), "\(name)")
    if let found, let expected { #expect(abs(found - expected) < 1e-12, "\(name)") }
  }
}

/// The test from its definition and nothing else; O(4ⁿ) at leisure.
private enum NaiveSignFlips {
  static func statistic(_ d: [Double]) -> Double {
    let n = Double(d.count)
    let mean = d.reduce(0, +) / n
    let meanSquare = d.map { $0 * $0 }.reduce(0, +) / n
    return meanSquare > 0 ? abs(mean) / meanSquare.squareRoot() : 0
  }

  static func signings(_ pairs: Int) -> [[Double]] {
    (0..<(1 << pairs)).map { mask in (0..<pairs).map { mask >> $0 & 1 == 1 ? -1 : 1 } }
  }

  /// Of one series alone.
  static func p(_ d: [Double]) -> Double {
    let observed = statistic(d) - 1e-9
    let all = signings(d.count)
    return Double(all.count { statistic(zip(d, $0).map(*)) >= observed }) / Double(all.count)
  }

  /// Westfall and Young's step-down: the hypotheses by falling statistic, each against the largest of those not yet passed.
  static func adjusted(_ series: [[Double]]) -> [Double?] {
    var result: [Double?] = series.map { _ in nil }
    var left = series.indices.filter { series[$0].contains { $0 != 0 } }
    guard let pairs = series.first?.count else { return result }
    let all = signings(pairs)
    var least = 0.0
    while let next = left.max(by: { statistic(series[$0]) < statistic(series[$1]) }) {
      let observed = statistic(series[next]) - 1e-9
      let reached = all.count { signs in
        left.contains { statistic(zip(series[$0], signs).map(*)) >= observed }
      }
      least = max(least, Double(reached) / Double(all.count))
      result[next] = least
      left.removeAll { $0 == next }
    }
    return result
  }
}
