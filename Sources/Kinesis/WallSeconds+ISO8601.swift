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
