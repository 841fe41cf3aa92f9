import Measurement
import Testing

@testable import Scenarios

/// Counts are the rate's integral, and due times its inverse.
@Suite struct RateCurveTests {
  static let second: Int64 = 1_000_000_000
  static let hour = 3_600 * second

  struct Case: Sendable {
    let rule: RateRule
    let seconds: Double
    let count: UInt64

    init(_ rule: RateRule, _ seconds: Double, _ count: UInt64) {
      self.rule = rule
      self.seconds = seconds
      self.count = count
    }
  }

  /// Integrals in closed form, worked out by hand.
  static let integrals: [Case] = [
    Case(.constant(2000), 10, 20_000), Case(.constant(0), 1, 0), Case(.constant(0.1), 5, 1), Case(.constant(0.1), 4, 0),
    Case(.constant(0.25), 10, 3), Case(.constant(12_345.678), 86_400, 1_066_666_579),
    Case(.line(from: 0, to: 100), 10, 500), Case(.line(from: 2000, to: 16_000), 60, 540_000),
    Case(.line(from: 100, to: 0), 10, 500), Case(.line(from: 7, to: 7), 3, 21),
    Case(.line(from: 0, to: 1_000_000), 36_000, 18_000_000_000),
    Case(.steps(values: [10, 20, 0], each: second), 3, 30), Case(.steps(values: [10, 20, 0], each: second), 4, 40),
    Case(.steps(values: [10, 20, 0], each: second), 4.5, 50), Case(.steps(values: [5], each: hour), 2, 10),
    Case(.square(low: 8000, high: 32_000, period: 10_000_000_000, duty: 0.2), 60, 768_000),
    Case(.square(low: 10, high: 100, period: second, duty: 0), 2, 20),
    Case(.square(low: 10, high: 100, period: second, duty: 1), 2, 200),
    Case(.sine(mean: 100, amplitude: 100, period: 10_000_000_000), 10, 1000),
    Case(.sine(mean: 100, amplitude: 50, period: hour), 86_400, 8_640_000),
    Case(.sine(mean: 100, amplitude: 100, period: 20_000_000_000), 10, 1637),  // 1000 + 100 x 20 / pi
  ]

  @Test(arguments: integrals)
  func recordsPlannedAreTheIntegral(_ one: Case) {
    #expect(RateCurve(one.rule, duration: Int64(one.seconds * 1e9)).count == one.count)
  }

  static let shapes: [RateRule] = [
    .constant(97), .line(from: 0, to: 200), .line(from: 200, to: 0), .line(from: 50, to: 51),
    .steps(values: [0, 300, 10], each: 700_000_000), .square(low: 0, high: 500, period: second, duty: 0.2),
    .sine(mean: 100, amplitude: 100, period: 3 * second), .sine(mean: 100, amplitude: 30, period: 700_000_000),
  ]

  @Test(arguments: shapes)
  func dueIsWhereTheIntegralReachesAHalfMore(_ rule: RateRule) {
    let curve = RateCurve(rule, duration: 10 * Self.second)
    var last: Int64 = 0
    for index in 0..<curve.count {
      let value = Double(index) + 0.5
      let time = curve.time(reaching: value)
      #expect(time >= last && time < curve.duration)
      // Due times are whole nanoseconds: the value is passed within one.
      #expect(curve.integral(at: Double(time - 1)) <= value + 1e-6)
      #expect(curve.integral(at: Double(time + 2)) >= value - 1e-6)
      last = time
    }
  }

  @Test(arguments: shapes)
  func countsBeforeATimeAreThoseOfTheDueTimes(_ rule: RateRule) {
    let schedule = ArrivalSchedule(
      curve: RateCurve(rule, duration: 4 * Self.second), arrivals: .uniform, random: .init(seed: 1, domain: 1))
    var cursor = ArrivalSchedule.Cursor()
    let dues = (0..<schedule.count).map { schedule.due($0, &cursor) }
    for time in stride(from: Int64(0), through: 5 * Self.second, by: 137_000_000) + dues.prefix(50) {
      #expect(schedule.count(before: time) == UInt64(dues.filter { $0 < time }.count))
    }
    #expect(schedule.count(before: -1) == 0)
  }

  @Test func hoursLaterCountsAreStillExact() {
    let curve = RateCurve(.constant(1000), duration: 100 * Self.hour)
    #expect(curve.count == 360_000_000)
    #expect(curve.time(reaching: 359_999_999.5) == 100 * Self.hour - 500_000)
  }
}
