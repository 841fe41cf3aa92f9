import Foundation
import Measurement
import Testing

@testable import Scenarios

/// Arrival patterns against theory.
@Suite struct ArrivalTests {
  static let second: Int64 = 1_000_000_000

  private func dues(_ arrivals: ArrivalRule, _ rule: RateRule, seconds: Int64, seed: UInt64 = 7) -> [Int64] {
    let schedule = ArrivalSchedule(
      curve: RateCurve(rule, duration: seconds * Self.second), arrivals: arrivals,
      random: CounterRandom(seed: seed, domain: 1))
    var cursor = ArrivalSchedule.Cursor()
    return (0..<schedule.count).map { schedule.due($0, &cursor) }
  }

  @Test func burstsLandAtTheSecondsStart() {
    let dues = dues(.bursts, .line(from: 10, to: 30), seconds: 3)
    #expect(dues.allSatisfy { $0 % Self.second == 0 })
    let perSecond = (0..<3).map { second in dues.filter { $0 == Int64(second) * Self.second }.count }
    #expect(perSecond == [13, 20, 27])
  }

  @Test(arguments: [0, 1, 2, 3, 15, 16, 17, 100, 3000])
  func poissonHasExactlyThePlannedRecordsInOrder(_ count: Int) {
    let dues = dues(.poisson, .constant(Double(count) / 10), seconds: 10)
    #expect(dues.count == count)
    #expect(dues == dues.sorted())
    #expect(dues.allSatisfy { $0 >= 0 && $0 < 10 * Self.second })
  }

  /// Any order of asking gives the same times: a record's time is a function of its number.
  @Test func poissonTimesDoNotDependOnTheOrderOfAsking() {
    let inOrder = dues(.poisson, .constant(500), seconds: 4)
    let schedule = ArrivalSchedule(
      curve: RateCurve(.constant(500), duration: 4 * Self.second), arrivals: .poisson,
      random: CounterRandom(seed: 7, domain: 1))
    var cursor = ArrivalSchedule.Cursor()
    for index in (0..<schedule.count).reversed() where index % 3 == 0 {
      #expect(schedule.due(index, &cursor) == inOrder[Int(index)])
    }
    for index in 0..<200 {
      let position = UInt64(index * 7919 % 2000)
      #expect(schedule.due(position, &cursor) == inOrder[Int(position)])
    }
  }

  /// Kolmogorov–Smirnov: gaps against the exponential law, at the 0.1 % level (1.95 / sqrt n), for three seeds.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func poissonGapsAreExponential(_ seed: UInt64) {
    let dues = dues(.poisson, .constant(2000), seconds: 10, seed: seed)
    let gaps = zip(dues.dropFirst(), dues).map { Double($0 - $1) / 1e9 }.sorted()
    var distance = 0.0
    for (index, gap) in gaps.enumerated() {
      let law = 1 - exp(-2000 * gap)
      distance = max(distance, abs(law - Double(index) / Double(gaps.count)))
      distance = max(distance, abs(law - Double(index + 1) / Double(gaps.count)))
    }
    #expect(distance < 1.95 / Double(gaps.count).squareRoot())
  }

  /// Counts per 10 ms of a Poisson process have a variance equal to their mean; evenly spaced ones have none.
  @Test func poissonCountsHaveTheVarianceOfTheirMean() {
    let dues = dues(.poisson, .constant(2000), seconds: 10)
    var counts = [Double](repeating: 0, count: 1000)
    for due in dues { counts[Int(due / 10_000_000)] += 1 }
    let variance = counts.reduce(0) { $0 + ($1 - 20) * ($1 - 20) } / 1000
    #expect(variance > 17 && variance < 23)
  }
}
