import Measurement

/// A sequence number as a plain decimal number of at most 57 digits, in three base-10^19 limbs.
///
/// This is the form in which numbers are compared (as integers, as the service's are meant to be), counted up and
/// written: all three cost a few nanoseconds and no memory.
package struct SequenceDigits: Hashable, Comparable, Sendable {
  private var high: UInt64
  private var middle: UInt64
  private var low: UInt64

  /// One more than the highest limb.
  private static let base: UInt64 = 10_000_000_000_000_000_000

  private init(high: UInt64, middle: UInt64, low: UInt64) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  /// Reads 1 to 57 decimal digits, or gives `nil` when the text is anything else. Leading zeros are allowed.
  package init?(decimal text: UnsafeRawBufferPointer) {
    guard !text.isEmpty, text.count <= 57 else { return nil }
    var limbs = (UInt64(0), UInt64(0), UInt64(0))
    for (index, byte) in text.enumerated() {
      let digit = UInt64(byte) &- 0x30
      guard digit <= 9 else { return nil }
      switch text.count - index {
      case 39...: limbs.0 = limbs.0 * 10 + digit
      case 20...: limbs.1 = limbs.1 * 10 + digit
      default: limbs.2 = limbs.2 * 10 + digit
      }
    }
    (high, middle, low) = limbs
  }

  /// Reads 1 to 57 decimal digits, or gives `nil` when the text is anything else.
  package init?(decimal text: String) {
    var text = text
    let digits = text.withUTF8 { SequenceDigits(decimal: UnsafeRawBufferPointer($0)) }
    guard let digits else { return nil }
    self = digits
  }

  /// The number `high * 2^128 + low`.
  ///
  /// - Precondition: `high < 2^60`, so that the number has at most 57 digits.
  package init(high: UInt64, low: UInt128) {
    precondition(high < 1 << 60, "the number has more than 57 digits")
    // Long division by 10^19, one 64-bit limb at a time.
    var limbs = (high, UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
    func divide() -> UInt64 {
      var remainder: UInt64
      (limbs.0, remainder) = limbs.0.quotientAndRemainder(dividingBy: Self.base)
      (limbs.1, remainder) = Self.base.dividingFullWidth((remainder, limbs.1))
      (limbs.2, remainder) = Self.base.dividingFullWidth((remainder, limbs.2))
      return remainder
    }
    self.low = divide()
    middle = divide()
    self.high = divide()
  }

  /// The number as `high * 2^128 + low`, or `nil` when it is 2^192 or more. A number of 57 digits always fits.
  var binary: (high: UInt64, low: UInt128) {
    var result = (high: UInt64(0), low: UInt128(high))
    for limb in [middle, low] {
      let (top, bottom) = result.low.multipliedFullWidth(by: UInt128(Self.base))
      let (sum, carry) = bottom.addingReportingOverflow(UInt128(limb))
      result.high = result.high &* Self.base &+ UInt64(truncatingIfNeeded: top) &+ (carry ? 1 : 0)
      result.low = UInt128(truncatingIfNeeded: sum)
    }
    return result
  }

  package static func < (left: SequenceDigits, right: SequenceDigits) -> Bool {
    if left.high != right.high { return left.high < right.high }
    if left.middle != right.middle { return left.middle < right.middle }
    return left.low < right.low
  }

  /// The sum; a carry out of the highest limb is the caller's to avoid.
  static func + (left: SequenceDigits, right: SequenceDigits) -> SequenceDigits {
    let (low, carry) = add(left.low, right.low)
    let (middle, carryOut) = add(left.middle, right.middle + carry)
    return SequenceDigits(high: left.high + right.high + carryOut, middle: middle, low: low)
  }

  /// Adds two limbs. Their plain sum may exceed 64 bits, so the comparison with the base is made by subtraction.
  private static func add(_ left: UInt64, _ right: UInt64) -> (limb: UInt64, carry: UInt64) {
    let (reduced, isBelowBase) = left.subtractingReportingOverflow(base - right)
    return isBelowBase ? (left + right, 0) : (reduced, 1)
  }

  /// Writes the number without leading zeros and returns how many digits it took, 1 to 57.
  package func write(to destination: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 0
    if high > 0 {
      count = DecimalDigits.write(high, to: destination)
      DecimalDigits.writePadded(middle, count: 19, to: destination + count)
      count += 19
    } else if middle > 0 {
      count = DecimalDigits.write(middle, to: destination)
    } else {
      return DecimalDigits.write(low, to: destination)
    }
    DecimalDigits.writePadded(low, count: 19, to: destination + count)
    return count + 19
  }
}

extension SequenceDigits: CustomStringConvertible {
  /// The decimal digits.
  package var description: String {
    String(unsafeUninitializedCapacity: 57) { buffer in
      buffer.baseAddress.map { write(to: $0) } ?? 0
    }
  }
}
