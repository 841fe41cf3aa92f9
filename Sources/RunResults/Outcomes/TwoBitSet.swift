/// Two bits for each of many numbered things, all clear at first; it grows as higher numbers are set.
///
/// Memory: a quarter of a byte a thing. Plain memory, since it is set for every record; not thread-safe.
package final class TwoBitSet {
  @exclusivity(unchecked) private var words: UnsafeMutableBufferPointer<UInt64>

  private static func zeroed(_ count: Int) -> UnsafeMutableBufferPointer<UInt64> {
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(count, 1))
    words.initialize(repeating: 0)
    return words
  }

  /// Room for so many things before it grows.
  package init(capacity: Int) { words = Self.zeroed((capacity + 31) / 32) }

  deinit { words.deallocate() }

  /// The two bits of a thing; clear beyond the room.
  package subscript(index: Int) -> UInt8 {
    let word = index >> 5
    guard word < words.count else { return 0 }
    return UInt8(truncatingIfNeeded: words[word] >> UInt64(2 * (index & 31)) & 3)
  }

  /// Sets bits of a thing beside those it has.
  @inline(__always)
  package func insert(_ bits: UInt8, at index: Int) {
    let word = index >> 5
    if word >= words.count { grow(toHold: word) }
    words[word] |= UInt64(bits & 3) << UInt64(2 * (index & 31))
  }

  @inline(never)
  private func grow(toHold word: Int) {
    let larger = Self.zeroed(max(word + 1, words.count * 2))
    UnsafeMutableRawBufferPointer(larger).copyMemory(from: UnsafeRawBufferPointer(words))
    words.deallocate()
    words = larger
  }

  /// One past the last thing that may have a bit set.
  package var upperBound: Int { words.count * 32 }
}
