/// A date of the Gregorian calendar with a time of day, in UTC.
///
/// The conversions are Howard Hinnant's `days_from_civil` and `civil_from_days`
/// (https://howardhinnant.github.io/date_algorithms.html): exact integer arithmetic, no tables, no time zone files.
package struct CivilTime: Hashable, Sendable {
  /// The year, 1 to 9999 when it was read from text.
  package let year: Int
  /// The month, 1 to 12.
  package let month: Int
  /// The day of the month, 1 to 31.
  package let day: Int
  /// The hour, 0 to 23.
  package let hour: Int
  /// The minute, 0 to 59.
  package let minute: Int
  /// The second, 0 to 59.
  package let second: Int

  /// The date and time `secondsSinceEpoch` after 1970-01-01T00:00:00Z.
  package init(secondsSinceEpoch: Int64) {
    let (days, secondOfDay) = floorDivided(secondsSinceEpoch, by: 86_400)
    // Years begin in March here, so that the leap day is the last of the year; an era is 400 years.
    let (era, dayOfEra) = floorDivided(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = Int(era * 400 + yearOfEra) + (month <= 2 ? 1 : 0)
    hour = Int(secondOfDay / 3_600)
    minute = Int(secondOfDay % 3_600 / 60)
    second = Int(secondOfDay % 60)
  }

  /// The given date and time, nil when there is no such one in the years 1 to 9999.
  package init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...59).contains(second)
    else { return nil }
    let seconds =
      CivilTime.days(year: year, month: month, day: day) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    self.init(secondsSinceEpoch: seconds)
    // A day that the month does not have comes back as one of the next month.
    guard self.day == day else { return nil }
  }

  /// Seconds since 1970-01-01T00:00:00Z.
  package var secondsSinceEpoch: Int64 {
    CivilTime.days(year: year, month: month, day: day) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
  }

  /// Year, month and day with `separator` between them, in eight digits.
  package func date(separator: String) -> String {
    padded(year, 4) + separator + padded(month, 2) + separator + padded(day, 2)
  }

  /// Hour, minute and second with `separator` between them, in six digits.
  package func timeOfDay(separator: String) -> String {
    padded(hour, 2) + separator + padded(minute, 2) + separator + padded(second, 2)
  }

  /// Days from 1970-01-01 to the given date.
  private static func days(year: Int, month: Int, day: Int) -> Int64 {
    let marchYear = Int64(month <= 2 ? year - 1 : year)
    let (era, yearOfEra) = floorDivided(marchYear, by: 400)
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

/// Division that rounds towards minus infinity, with a remainder that is never negative.
func floorDivided(_ dividend: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

/// `value` in at least `width` decimal digits, zeros in front.
func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
}
