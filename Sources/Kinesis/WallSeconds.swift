/// A point of civil time in whole seconds since 1970-01-01T00:00:00Z, the only clock SigV4 knows.
package struct WallSeconds: Hashable, Comparable, Sendable {
  /// Seconds since the epoch, leap seconds not counted.
  package var value: Int64

  /// Makes a point of time from seconds since the epoch.
  package init(_ value: Int64) {
    self.value = value
  }

  package static func < (left: WallSeconds, right: WallSeconds) -> Bool { left.value < right.value }

  /// Days since the epoch, rounded down.
  var day: Int64 {
    value >= 0 ? value / 86_400 : (value - 86_399) / 86_400
  }

  /// The sixteen characters `yyyyMMddTHHmmssZ` of `X-Amz-Date`.
  ///
  /// Proleptic Gregorian calendar, years 0 to 9999; the civil date from the day number is computed as in Howard
  /// Hinnant's "chrono-Compatible Low-Level Date Algorithms" (`civil_from_days`).
  package var basic: [UInt8] {
    let secondOfDay = UInt64(value - day * 86_400)
    let shifted = day + 719_468  // days since 0000-03-01
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

    return [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      guard let text = buffer.baseAddress else { return }
      DecimalText.writePadded(UInt64(clamping: year), count: 4, to: text)
      DecimalText.writePadded(UInt64(month), count: 2, to: text + 4)
      DecimalText.writePadded(UInt64(dayOfMonth), count: 2, to: text + 6)
      text[8] = 0x54  // T
      DecimalText.writePadded(secondOfDay / 3600, count: 2, to: text + 9)
      DecimalText.writePadded(secondOfDay / 60 % 60, count: 2, to: text + 11)
      DecimalText.writePadded(secondOfDay % 60, count: 2, to: text + 13)
      text[15] = 0x5A  // Z
      count = 16
    }
  }

  /// Reads `yyyyMMddTHHmmssZ`, or gives `nil` when the text is anything else.
  package init?(basic text: some Collection<UInt8>) {
    guard text.count == 16 else { return nil }
    var fields: [Int64] = [0]
    for (index, byte) in text.enumerated() {
      switch index {
      case 8: guard byte == 0x54 else { return nil }
      case 15: guard byte == 0x5A else { return nil }
      default:
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        if [4, 6, 9, 11, 13].contains(index) { fields.append(0) }
        fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int64(byte - 0x30)
      }
    }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    let lengths: [Int64] = [31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30]
    let lengthsOfYear = lengths + [31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), day >= 1, day <= lengthsOfYear[Int(month) - 1] else { return nil }
    guard fields[3] < 24, fields[4] < 60, fields[5] < 60 else { return nil }
    // Inverse of the above: `days_from_civil`.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    self.init(days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5])
  }
}
