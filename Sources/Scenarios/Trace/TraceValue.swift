import Measurement
import StrictJSON

/// One field of a trace's row as it was written.
enum TraceValue {
  case absent
  case text(ArraySlice<UInt8>)
  /// With its digits as they were typed where it has no exponent: a double holds times since 1970 to some 200 ns.
  case number(Double, typed: ArraySlice<UInt8>?)

  /// A member of a JSON object; `nil` for what is neither text nor number.
  init?(_ node: JSONNode?) {
    switch node?.kind {
    case nil, .null: self = .absent
    case .string(let text): self = .text(Array(text.utf8)[...])
    case .integer(let value): self = .text(Array(String(value).utf8)[...])
    case .number(let value):
      let typed = node?.written.map { Array($0.utf8)[...] } ?? []
      let isPlain = !typed.isEmpty && typed.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
      self = .number(value, typed: isPlain ? typed : nil)
    case .bool, .array, .object: return nil
    }
  }

  /// The value for messages.
  var quoted: String {
    switch self {
    case .absent: "nothing"
    case .text(let bytes): JSONNode.quoted(String(decoding: bytes, as: UTF8.self))
    case .number(let value, _): JSONNumberText.text(of: value)
    }
  }

  /// Whether nothing is written.
  var isEmpty: Bool {
    switch self {
    case .absent: true
    case .text(let bytes): bytes.isEmpty
    case .number: false
    }
  }

  /// The longest time a trace may have: that of a phase, 31 days.
  static let longest: Int64 = 31 * 86_400 * 1_000_000_000

  /// How far from 1970 a time of day may be, in microseconds: nanoseconds hold the difference of any two.
  static let farthest: UInt64 = 140 * 365 * 86_400 * 1_000_000

  /// The time in nanoseconds, since the trace's start or since 1970: for `time_utc` always, for `t_s` and `t_ms` where it is
  /// more than ``longest``.
  func time(_ form: TraceColumns.Time) throws(BadRow) -> Int64 {
    if isEmpty { throw BadRow(reason: "no \(form.rawValue)") }
    switch (form, self) {
    case (.utc, .text(let bytes)):
      if let time = WallTime(iso8601: String(decoding: bytes, as: UTF8.self)) {
        guard time.microsecondsSinceEpoch.magnitude <= Self.farthest else {
          throw BadRow(reason: "time_utc \(quoted) is more than 140 years from 1970")
        }
        return time.microsecondsSinceEpoch * 1_000
      }
    case (.utc, _): break
    case (.seconds, _), (.milliseconds, _):
      let unit: Int64 = form == .seconds ? 1_000_000_000 : 1_000_000
      guard let time = amount(of: unit) else { break }
      guard time / 1_000 <= Self.farthest else {
        throw BadRow(
          reason: "\(form.rawValue) \(quoted) is more than 140 years after 1970"
            + (form == .seconds ? "; milliseconds belong in t_ms" : ""))
      }
      return time
    }
    let expected =
      switch form {
      case .seconds: "is no number of seconds since the trace's start or since 1970, at least 0"
      case .milliseconds: "is no number of milliseconds since the trace's start or since 1970, at least 0"
      case .utc: "is no time like \"2026-03-14T09:15:12.250Z\" or \"2026-03-14T11:15:12+02:00\""
      }
    throw BadRow(reason: "\(form.rawValue) \(quoted) \(expected)")
  }

  /// A decimal number of units in nanoseconds, exactly; digits below a nanosecond are cut off. `nil` for other text and
  /// below 0; what no `Int64` holds is `Int64.max`.
  private func amount(of unit: Int64) -> Int64? {
    switch self {
    case .absent: return nil
    case .number(let value, typed: nil):
      let scaled = value * Double(unit)
      return scaled >= 0 ? Int64(exactly: scaled.rounded()) ?? .max : nil
    case .text(let bytes), .number(_, let bytes?):
      var total: Int64 = 0
      var scale = unit
      var digits = 0
      var hasPoint = false
      for byte in bytes {
        if byte == UInt8(ascii: "."), !hasPoint {
          hasPoint = true
          continue
        }
        guard (0x30...0x39).contains(byte) else { return nil }
        digits += 1
        let digit = Int64(byte - 0x30)
        if hasPoint {
          scale /= 10
          total = total.addingReportingOverflow(digit * scale).partialValue
        } else {
          let (tenfold, isOver) = total.multipliedReportingOverflow(by: 10)
          let (sum, isOverToo) = tenfold.addingReportingOverflow(digit * unit)
          total = isOver || isOverToo ? .max : sum
        }
      }
      return digits > 0 ? (total < 0 ? .max : total) : nil
    }
  }

  /// A whole number of bytes.
  func size() throws(BadRow) -> Int {
    if isEmpty { throw BadRow(reason: "no size") }
    var total: Int?
    if case .text(let bytes) = self, bytes.count <= 12, bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
      total = bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    guard let total else { throw BadRow(reason: "size \(quoted) is no whole number of bytes") }
    return total
  }

  /// A hash of 32 hexadecimal digits, as `keys.csv` has it.
  func hash() throws(BadRow) -> UInt128 {
    if isEmpty { throw BadRow(reason: "no hash") }
    if case .text(var digits) = self {
      if digits.starts(with: Array("0x".utf8)) { digits = digits.dropFirst(2) }
      let isHexadecimal = digits.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
      }
      if digits.count == 32, isHexadecimal, let hash = UInt128(String(decoding: digits, as: UTF8.self), radix: 16) {
        return hash
      }
    }
    throw BadRow(reason: "hash \(quoted) is no number of 32 hexadecimal digits")
  }

  /// An explicit hash key, decimal; `nil` when the row has none.
  func hashKey() throws(BadRow) -> UInt128? {
    if isEmpty { return nil }
    if case .text(let digits) = self, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = UInt128(String(decoding: digits, as: UTF8.self))
    {
      return value
    }
    throw BadRow(reason: "explicit_hash_key \(quoted) is no decimal number below 2^128")
  }

  /// A partition key's UTF-8 bytes.
  func key() throws(BadRow) -> ArraySlice<UInt8> {
    switch self {
    case .absent: throw BadRow(reason: "no key")
    case .number: throw BadRow(reason: "key \(quoted) is no text")
    case .text(let bytes):
      if bytes.isEmpty { throw BadRow(reason: "no key") }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw BadRow(reason: "a key that is not UTF-8")
      }
      // As the service counts: Unicode code points are UTF-16 units in its own language.
      guard text.utf16.count <= 256 else {
        throw BadRow(reason: "a key of \(text.utf16.count) characters, 256 are allowed")
      }
      return bytes
    }
  }
}
