import Kinesis
import Measurement

/// Instants as texts in English, in UTC.
package enum UTCText {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// As the service's messages print them: `Thu Jan 22 01:22:02 UTC 2015` (Java's `Date.toString`).
  ///
  /// - Parameter milliseconds: since the Unix epoch.
  package static func text(_ milliseconds: Int64) -> String {
    let seconds = milliseconds >= 0 ? milliseconds / 1000 : milliseconds.subtractingSaturated(999) / 1000
    let time = CivilTime(secondsSinceEpoch: seconds)
    let clock = time.timeOfDay(separator: ":")
    return "\(weekday(seconds)) \(months[time.month - 1]) \(twoDigits(time.day)) \(clock) UTC \(time.year)"
  }

  /// As a `Date` header prints them: `Thu, 22 Jan 2015 01:22:02 GMT` (RFC 9110 section 5.6.7).
  ///
  /// - Parameter seconds: since the Unix epoch.
  package static func httpDate(_ seconds: Int64) -> String {
    let time = CivilTime(secondsSinceEpoch: seconds)
    let clock = time.timeOfDay(separator: ":")
    return "\(weekday(seconds)), \(twoDigits(time.day)) \(months[time.month - 1]) \(time.year) \(clock) GMT"
  }

  private static func weekday(_ seconds: Int64) -> String {
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    return weekdays[((days % 7) + 7) % 7]
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
