import Glibc

/// A time of day in UTC, to the microsecond: for labels, signatures and the agreed start of a split run, never for
/// latencies (it steps when the machine's time is corrected).
///
/// Leap seconds do not exist here, as in POSIX time. Years 0001 to 9999 can be written and read.
package struct WallTime: Comparable, Hashable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package var microsecondsSinceEpoch: Int64

  /// The time `microsecondsSinceEpoch` after the epoch.
  package init(microsecondsSinceEpoch: Int64) {
    self.microsecondsSinceEpoch = microsecondsSinceEpoch
  }

  /// The machine's time (`CLOCK_REALTIME`).
  package static func now() -> WallTime {
    var time = timespec()
    let status = clock_gettime(CLOCK_REALTIME, &time)
    precondition(status == 0, "CLOCK_REALTIME exists on every Linux")
    return WallTime(microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// The earlier time first.
  package static func < (left: WallTime, right: WallTime) -> Bool {
    left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
  }

  /// The time `length` later, to the microsecond (the rest is cut off towards the past).
  package static func + (time: WallTime, length: Nanoseconds) -> WallTime {
    WallTime(microsecondsSinceEpoch: time.microsecondsSinceEpoch + floorDivided(length.value, by: 1_000).quotient)
  }

  /// The time from `right` to `left`.
  package static func - (left: WallTime, right: WallTime) -> Nanoseconds {
    Nanoseconds((left.microsecondsSinceEpoch - right.microsecondsSinceEpoch) * 1_000)
  }

  /// Whole seconds since the epoch, cut off towards the past.
  package var secondsSinceEpoch: Int64 { floorDivided(microsecondsSinceEpoch, by: 1_000_000).quotient }

  /// The date and time of day as numbers.
  package var civil: CivilTime { CivilTime(secondsSinceEpoch: secondsSinceEpoch) }

  /// `2026-03-14T09:15:12.000Z`: RFC 3339 with milliseconds, the rest cut off.
  package var iso8601: String {
    let civil = civil
    let milliseconds = floorDivided(microsecondsSinceEpoch, by: 1_000_000).remainder / 1_000
    return "\(civil.date(separator: "-"))T\(civil.timeOfDay(separator: ":")).\(padded(Int(milliseconds), 3))Z"
  }

  /// `20260314T091502Z`: the basic form of ISO 8601, as `x-amz-date` and folder names have it.
  package var basic: String {
    let civil = civil
    return "\(civil.date(separator: ""))T\(civil.timeOfDay(separator: ""))Z"
  }

  /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction]` with `Z` or an offset as `+02:00` behind it (RFC 3339, section 5.6, whose note
  /// also lets a space stand for the `T`); nil for anything else.
  ///
  /// The fraction has one to nine digits, of which six count. A time without a zone, second 60 and dates that do not exist
  /// are refused.
  package init?(iso8601 text: String) {
    var bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 35, let offset = zoneOffset(endOf: &bytes), bytes.count >= 19,
      bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"),
      let year = decimal(bytes[0..<4]), let month = decimal(bytes[5..<7]), let day = decimal(bytes[8..<10]),
      let hour = decimal(bytes[11..<13]), let minute = decimal(bytes[14..<16]), let second = decimal(bytes[17..<19]),
      let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    var microseconds = (civil.secondsSinceEpoch - Int64(offset)) * 1_000_000
    if bytes.count > 19 {
      let digits = bytes[20...]
      guard bytes[19] == UInt8(ascii: "."), (1...9).contains(digits.count), decimal(digits) != nil else { return nil }
      var scale: Int64 = 100_000
      for digit in digits {
        microseconds += Int64(digit - UInt8(ascii: "0")) * scale
        scale /= 10
      }
    }
    microsecondsSinceEpoch = microseconds
  }
}

/// Takes the zone off a time's end: seconds ahead of UTC; nil where there is none.
private func zoneOffset(endOf bytes: inout [UInt8]) -> Int? {
  if bytes.last == UInt8(ascii: "Z") {
    bytes.removeLast()
    return 0
  }
  let zone = Array(bytes.suffix(6))
  guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"), zone[3] == UInt8(ascii: ":"),
    let hours = decimal(zone[1..<3]), let minutes = decimal(zone[4..<6]), hours < 24, minutes < 60
  else { return nil }
  bytes.removeLast(6)
  return (hours * 60 + minutes) * (zone[0] == UInt8(ascii: "-") ? -60 : 60)
}

/// The value of one or more ASCII digits, nil when there is anything else among them.
private func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
  var value = 0
  for digit in digits {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
    value = value * 10 + Int(digit - UInt8(ascii: "0"))
  }
  return value
}
