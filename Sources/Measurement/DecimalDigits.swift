/// Decimal digits on raw bytes, without `String`.
package enum DecimalDigits {
  /// Writes a number in decimal and returns how many digits it took, 1 to 39.
  package static func write(_ value: UInt128, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    if let small = UInt64(exactly: value) { return write(small, to: destination) }
    let (high, low) = value.quotientAndRemainder(dividingBy: 1_000_000_000_000_000_000)
    let count = write(high, to: destination)
    writePadded(UInt64(low), count: 18, to: destination + count)
    return count + 18
  }

  /// Writes a number in decimal and returns how many digits it took, 1 to 20.
  package static func write(_ value: UInt64, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 1
    var rest = value / 10
    while rest > 0 {
      count += 1
      rest /= 10
    }
    writePadded(value, count: count, to: destination)
    return count
  }

  /// Writes the last `count` decimal digits of a number, zeros in front.
  package static func writePadded(_ value: UInt64, count: Int, to destination: UnsafeMutablePointer<UInt8>) {
    var rest = value
    var index = count
    while index >= 8 {
      index -= 8
      writeEight(UInt32(truncatingIfNeeded: rest % 100_000_000), to: destination + index)
      rest /= 100_000_000
    }
    while index > 0 {
      index -= 1
      destination[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// Writes a number below 10^8 as eight digits: halves, quarters and eighths are split in the lanes of one word.
  private static func writeEight(_ value: UInt32, to destination: UnsafeMutablePointer<UInt8>) {
    let halves = UInt64(value / 10_000) | UInt64(value % 10_000) << 32
    // x / 100 = x * 5243 >> 19 for x < 10^4, x / 10 = x * 103 >> 10 for x < 100.
    let hundreds = (halves &* 5243) >> 19 & 0x0000_007F_0000_007F
    let quarters = hundreds | (halves &- hundreds &* 100) << 16
    let tens = (quarters &* 103) >> 10 & 0x000F_000F_000F_000F
    let digits = tens | (quarters &- tens &* 10) << 8
    UnsafeMutableRawPointer(destination).storeBytes(
      of: (digits | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
  }
}
