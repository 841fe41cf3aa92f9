import Measurement

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

  /// The sixteen characters `yyyyMMddTHHmmssZ` of `X-Amz-Date`, in years 0 to 9999.
  package var basic: [UInt8] {
    let time = CivilTime(secondsSinceEpoch: value)
    return [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      guard let text = buffer.baseAddress else { return }
      DecimalDigits.writePadded(UInt64(clamping: time.year), count: 4, to: text)
      DecimalDigits.writePadded(UInt64(clamping: time.month), count: 2, to: text + 4)
      DecimalDigits.writePadded(UInt64(clamping: time.day), count: 2, to: text + 6)
      text[8] = 0x54  // T
      DecimalDigits.writePadded(UInt64(clamping: time.hour), count: 2, to: text + 9)
      DecimalDigits.writePadded(UInt64(clamping: time.minute), count: 2, to: text + 11)
      DecimalDigits.writePadded(UInt64(clamping: time.second), count: 2, to: text + 13)
      text[15] = 0x5A  // Z
      count = 16
    }
  }

  /// Reads `yyyyMMddTHHmmssZ`, or gives `nil` when the text is anything else: years are 1 to 9999.
  package init?(basic text: some Collection<UInt8>) {
    guard text.count == 16 else { return nil }
    var fields = [0]
    for (index, byte) in text.enumerated() {
      switch index {
      case 8: guard byte == 0x54 else { return nil }
      case 15: guard byte == 0x5A else { return nil }
      default:
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        if [4, 6, 9, 11, 13].contains(index) { fields.append(0) }
        fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte - 0x30)
      }
    }
    let time = CivilTime(
      year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4], second: fields[5])
    guard let time else { return nil }
    self.init(time.secondsSinceEpoch)
  }
}

extension WallSeconds {
  /// Reads `2026-03-14T09:15:12Z`, or the same with a fraction of seconds (cut off) and with an offset such as `+00:00` in
  /// place of `Z` (RFC 3339 section 5.6), or gives `nil`.
  package init?(iso8601 text: String) {
    var rest = Array(text.utf8)[...]
    var offset: Int64 = 0
    if rest.last == UInt8(ascii: "Z") || rest.last == UInt8(ascii: "z") {
      rest = rest.dropLast()
    } else {
      let zone = Array(rest.suffix(6))
      guard zone.count == 6, zone[3] == UInt8(ascii: ":"), zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
        let hours = Self.number(zone[1..<3]), let minutes = Self.number(zone[4..<6]), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (zone[0] == UInt8(ascii: "-") ? -60 : 60)
      rest = rest.dropLast(6)
    }
    let fraction = rest.dropFirst(19)
    let isFraction =
      fraction.first == UInt8(ascii: ".") && fraction.count > 1 && Self.number(fraction.dropFirst()) != nil
    guard rest.count >= 19, fraction.isEmpty || isFraction else { return nil }
    let time = Array(rest.prefix(19))
    guard time[4] == UInt8(ascii: "-"), time[7] == UInt8(ascii: "-"), time[13] == UInt8(ascii: ":"),
      time[16] == UInt8(ascii: ":")
    else { return nil }
    let basic = time[0..<4] + time[5..<7] + time[8..<13] + time[14..<16] + time[17..<19] + [UInt8(ascii: "Z")]
    guard let local = WallSeconds(basic: basic) else { return nil }
    self.init(local.value - offset)
  }

  /// The form `2026-03-14T09:15:12Z`.
  package var iso8601: String {
    let text = basic
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<11)):\(part(11..<13)):\(part(13..<16))"
  }

  /// The value of at most 18 digits.
  private static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard digits.count <= 18 else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - 0x30)
    }
    return value
  }
}
