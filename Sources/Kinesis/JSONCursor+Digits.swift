extension JSONCursor {
  /// Whether so many bytes, at least 16, are all decimal digits.
  @inline(__always)
  func isDigits(_ start: Int, count: Int) -> Bool {
    let text = UnsafeRawPointer(base + start)
    let last = count &- 16
    var others = Self.notDigits(text.loadUnaligned(fromByteOffset: last, as: SIMD2<UInt64>.self))
    var offset = 0
    while offset < last {
      others |= Self.notDigits(text.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self))
      offset &+= 16
    }
    return (others.x | others.y) & 0xF0F0_F0F0_F0F0_F0F0 == 0
  }

  /// Sets a bit in the upper half of a byte when any byte is no digit: a digit's difference from `0` is at most 9, and 15
  /// after 6 were added; a carry into a byte comes from one that is no digit.
  @inline(__always)
  private static func notDigits(_ words: SIMD2<UInt64>) -> SIMD2<UInt64> {
    let values = words ^ SIMD2(repeating: 0x3030_3030_3030_3030)
    return values | (values &+ SIMD2(repeating: 0x0606_0606_0606_0606))
  }
}
