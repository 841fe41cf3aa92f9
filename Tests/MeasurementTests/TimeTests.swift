import Testing

@testable import Measurement

@Suite struct TimeTests {
  @Test func durationsConvertAndRound() {
    #expect(Nanoseconds.seconds(1.5).value == 1_500_000_000)
    #expect(Nanoseconds.milliseconds(0.0000005).value == 1)
    #expect(Nanoseconds.microseconds(-2).value == -2_000)
    #expect(Nanoseconds(2_500_000).milliseconds == 2.5)
    #expect(Nanoseconds(2_500_000).seconds == 0.0025)
    #expect(Nanoseconds(2_500).microseconds == 2.5)
    #expect(Nanoseconds(3) * 4 - Nanoseconds(2) == Nanoseconds(10))
  }

  @Test func noLengthReachesTheDistantFutureOrLeavesIt() {
    let start = Instant(nanoseconds: 5)
    #expect(start + Nanoseconds(3) - start == Nanoseconds(3))
    #expect(start - Nanoseconds(7) < start)
    #expect(Instant.distantFuture + Nanoseconds(-1) == .distantFuture)
    #expect(Instant.distantFuture - Nanoseconds(1) == .distantFuture)
    #expect(start + Nanoseconds(.max) == .distantFuture)
  }

  @Test func aManualClockGoesWhereItIsPut() {
    let clock = ManualClock(Instant(nanoseconds: 10))
    clock.advance(by: Nanoseconds(5))
    #expect(clock.now() == Instant(nanoseconds: 15))
    clock.set(to: Instant(nanoseconds: 15))
    clock.set(to: Instant(nanoseconds: 100))
    #expect(clock.now() == Instant(nanoseconds: 100))
  }

  @Test func theSystemsClockDoesNotGoBack() {
    let clock = SystemClock()
    let first = clock.now()
    #expect(clock.now() >= first)
    #expect(first > Instant(nanoseconds: 0))
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"), (-1, "1969-12-31T23:59:59.999Z", "19691231T235959Z"),
      (1_773_479_712_000_000, "2026-03-14T09:15:12.000Z", "20260314T091512Z"),
      (951_782_400_123_456, "2000-02-29T00:00:00.123Z", "20000229T000000Z"),
      (4_107_542_399_999_999, "2100-02-28T23:59:59.999Z", "21000228T235959Z"),
      (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z", "00010101T000000Z"),
      (253_402_300_799_000_000, "9999-12-31T23:59:59.000Z", "99991231T235959Z"),
    ] as [(Int64, String, String)])
  func timesAreWritten(microseconds: Int64, iso8601: String, basic: String) {
    let time = WallTime(microsecondsSinceEpoch: microseconds)
    #expect(time.iso8601 == iso8601)
    #expect(time.basic == basic)
    #expect(WallTime(iso8601: iso8601).map { $0.iso8601 } == iso8601)
  }

  @Test func everyDayOfFourCenturiesIsReadBack() {
    var expected = CivilTime(secondsSinceEpoch: 0)
    for day in 0..<146_097 as Range<Int64> {
      let civil = CivilTime(secondsSinceEpoch: day * 86_400 + 3_661)
      #expect(civil.secondsSinceEpoch == day * 86_400 + 3_661)
      // Each day is the one after the last: next day, next month or next year.
      if day > 0 {
        let isNext = civil.day == expected.day + 1 && civil.month == expected.month
        let isFirst =
          civil.day == 1 && (civil.month == expected.month + 1 || (civil.month == 1 && expected.month == 12))
        #expect(isNext || isFirst)
      }
      expected = civil
    }
    #expect(expected.year == 2369)
  }

  @Test(
    arguments: [
      ("2026-03-14T09:15:12Z", 1_773_479_712_000_000), ("2026-03-14T09:15:12.5Z", 1_773_479_712_500_000),
      ("2026-03-14T09:15:12.123456789Z", 1_773_479_712_123_456), ("2026-03-14T09:15:12+00:00", 1_773_479_712_000_000),
      ("2026-03-14T11:15:12.5+02:00", 1_773_479_712_500_000), ("2026-03-13T22:45:12-10:30", 1_773_479_712_000_000),
      ("2026-03-14 09:15:12.250000+00:00", 1_773_479_712_250_000), ("2026-03-14 09:15:12Z", 1_773_479_712_000_000),
    ] as [(String, Int64)])
  func timesAreRead(text: String, microseconds: Int64) {
    #expect(WallTime(iso8601: text)?.microsecondsSinceEpoch == microseconds)
  }

  @Test(arguments: [
    "", "2026-03-14", "2026-03-14T09:15:12", "2026-03-14_09:15:12Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-03-14T24:00:00Z", "2026-03-14T09:60:00Z",
    "2026-03-14T09:15:60Z", "2026-03-14T09:15:12.Z", "2026-03-14T09:15:12.1234567890Z", "2026-03-14T09:15:12.1x3Z",
    "2026-03-14T09:15:12+24:00", "2026-03-14T09:15:12+02:60", "2026-03-14T09:15:12+0200", "2026-03-14T09:15:12 02:00",
    "2026-03-14T09:15+02:00", "+02:00", "2026-03-14T09:15:12.+02:00", "2026-03-14T09:15:12Z+02:00",
    "0000-01-01T00:00:00Z", "2026-03-14T09:15:12,5Z", "+026-03-14T09:15:12Z",
  ])
  func otherTextIsNoTime(text: String) {
    #expect(WallTime(iso8601: text) == nil)
  }

  @Test func timesAndDurationsAddUp() {
    let time = WallTime(microsecondsSinceEpoch: 1_000)
    #expect(time + Nanoseconds(-1) == WallTime(microsecondsSinceEpoch: 999))
    #expect(time + Nanoseconds(1_999) == WallTime(microsecondsSinceEpoch: 1_001))
    #expect(WallTime(microsecondsSinceEpoch: 1_003) - time == Nanoseconds(3_000))
    #expect(WallTime(microsecondsSinceEpoch: -1).secondsSinceEpoch == -1)
  }
}
