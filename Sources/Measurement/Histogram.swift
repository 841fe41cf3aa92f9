/// Counts of values at a fixed relative precision: quantiles of any number of samples in constant memory, merged
/// without loss.
///
/// The layout is HdrHistogram's (Gil Tene, `AbstractHistogram.java`): values up to `2 x 10^digits` units have a bucket
/// each, above that every doubling is divided into as many equal buckets as keeps `digits` significant digits. Values
/// are nanoseconds by convention, 0 to `Int64.max`.
///
/// Everything it reports follows from the counts alone, so a histogram that was encoded and read back, or merged from
/// parts in any order, answers exactly as the original: `min`, `max` and quantiles are bucket bounds, as HdrHistogram
/// gives them, and `mean` takes every value at its bucket's middle.
///
/// Memory is 8 bytes for each bucket between the lowest and the highest seen, in steps of one doubling; an unused
/// histogram holds none. At 3 digits a doubling has 1,024 buckets (8 KiB), at 2 digits 128 (1 KiB).
public struct Histogram: Sendable {
  /// Decimal digits of a value that are kept, 1 to 5.
  public let significantDigits: Int
  /// The smallest value that is told from 0, a power of two at most as large as the one asked for.
  public let lowestDiscernible: Int64
  /// log2 of the unit that values are counted in.
  @usableFromInline let unitMagnitude: Int
  /// log2 of the number of buckets in each doubling.
  @usableFromInline let halfMagnitude: Int
  /// All ones up to the largest value of the first, undivided range.
  @usableFromInline let firstRangeMask: Int64
  /// The counts of buckets `base ..< base + counts.count`.
  @usableFromInline var counts: [Int64] = []
  /// The bucket of the first count; a multiple of the buckets in a doubling.
  @usableFromInline var base = 0
  /// The sum of all counts.
  @usableFromInline var total: Int64 = 0

  /// The number of values recorded.
  @inlinable
  public var count: Int64 { total }

  /// An empty histogram of values that are told apart to `significantDigits` decimal digits (1 to 5) and, below that,
  /// to `lowestDiscernible` (at least 1, at most 2^40; rounded down to a power of two).
  public init(significantDigits: Int = 3, lowestDiscernible: Int64 = 1) {
    precondition((1...5).contains(significantDigits), "1 to 5 significant digits")
    precondition((1...Histogram.largestLowestDiscernible).contains(lowestDiscernible), "1 to 2^40")
    self.significantDigits = significantDigits
    unitMagnitude = Histogram.floorLog2(lowestDiscernible)
    self.lowestDiscernible = 1 << Int64(unitMagnitude)
    var largestOfSingleUnits: Int64 = 2
    for _ in 0..<significantDigits { largestOfSingleUnits *= 10 }
    // The first range has the smallest power of two of buckets that is not below 2 x 10^digits; each doubling half.
    halfMagnitude = Histogram.floorLog2(largestOfSingleUnits - 1)
    firstRangeMask = (1 << Int64(unitMagnitude + halfMagnitude + 1)) - 1
  }

  /// The coarsest `lowestDiscernible` taken: beyond it the first range alone would pass 2^63 at 5 digits.
  static let largestLowestDiscernible: Int64 = 1 << 40

  private static func floorLog2(_ value: Int64) -> Int {
    Int64.bitWidth - 1 - value.leadingZeroBitCount
  }

  /// Counts `value` once; a negative one counts as 0.
  @inlinable
  public mutating func record(_ value: Int64) {
    let slot = bucket(of: Swift.max(value, 0)) &- base
    if UInt(bitPattern: slot) < UInt(bitPattern: counts.count) {
      counts[slot] &+= 1
      total &+= 1
    } else {
      recordOutside(value, count: 1)
    }
  }

  /// Counts each of many values once, as `record` does: the memory is looked at once for all of them.
  public mutating func record(_ values: UnsafeBufferPointer<Int64>) {
    guard values.count > 0 else { return }
    record(values[0])
    var rest = values[1...]
    while !rest.isEmpty {
      let (base, mask, unit, half) = (base, firstRangeMask, unitMagnitude, halfMagnitude)
      let done = counts.withUnsafeMutableBufferPointer { counts in
        for index in rest.indices {
          let slot = Self.bucket(of: Swift.max(values[index], 0), mask, unit, half) &- base
          guard UInt(bitPattern: slot) < UInt(bitPattern: counts.count) else { return index }
          counts[slot] &+= 1
        }
        return rest.endIndex
      }
      total &+= Int64(done - rest.startIndex)
      rest = values[done...]
      guard let outside = rest.popFirst() else { return }
      recordOutside(outside, count: 1)
    }
  }

  /// Counts `value` `count` times, which is not negative; a negative value counts as 0.
  public mutating func record(_ value: Int64, count: Int64) {
    precondition(count >= 0, "a count is not negative")
    guard count > 0 else { return }
    recordOutside(value, count: count)
  }

  @usableFromInline
  @inline(never)
  mutating func recordOutside(_ value: Int64, count added: Int64) {
    let bucket = bucket(of: Swift.max(value, 0))
    cover(bucket...bucket)
    counts[bucket - base] += added
    total += added
  }

  /// Adds every count of `other`, which has the same digits and lowest discernible value. Exact and commutative.
  ///
  /// O(buckets of `other`).
  public mutating func add(_ other: Histogram) {
    precondition(
      significantDigits == other.significantDigits && lowestDiscernible == other.lowestDiscernible,
      "histograms of one layout")
    guard !other.isEmpty, let last = other.counts.indices.last else { return }
    cover(other.base...(other.base + last))
    let shift = other.base - base
    // Over raw memory the compiler adds several counts at a time: 20 times as fast as through the array.
    counts.withUnsafeMutableBufferPointer { own in
      other.counts.withUnsafeBufferPointer { added in
        for slot in added.indices { own[slot + shift] &+= added[slot] }
      }
    }
    total += other.total
  }

  /// Forgets all values but keeps the memory, for the next interval.
  public mutating func reset() {
    for slot in counts.indices { counts[slot] = 0 }
    total = 0
  }

  /// The bucket that `value`, not negative, is counted in.
  @inlinable
  func bucket(of value: Int64) -> Int {
    Self.bucket(of: value, firstRangeMask, unitMagnitude, halfMagnitude)
  }

  /// The same by the numbers that make up a layout.
  @inlinable
  @inline(__always)
  static func bucket(of value: Int64, _ mask: Int64, _ unit: Int, _ half: Int) -> Int {
    let doubling = 63 &- (value | mask).leadingZeroBitCount &- unit &- half
    return (doubling &<< half) &+ Int(truncatingIfNeeded: value &>> Int64(doubling &+ unit))
  }

  /// Makes room for `buckets`, in whole doublings.
  private mutating func cover(_ buckets: ClosedRange<Int>) {
    let step = 1 << halfMagnitude
    let first = buckets.lowerBound / step * step
    let end = (buckets.upperBound / step + 1) * step
    if counts.isEmpty {
      base = first
      counts = [Int64](repeating: 0, count: end - first)
      return
    }
    if first < base {
      counts = [Int64](repeating: 0, count: base - first) + counts
      base = first
    }
    if end > base + counts.count {
      counts += [Int64](repeating: 0, count: end - base - counts.count)
    }
  }
}
