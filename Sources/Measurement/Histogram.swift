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

extension Histogram {
  /// Whether nothing has been recorded.
  public var isEmpty: Bool { count == 0 }

  /// The lowest value that shares a bucket with the smallest one recorded; 0 when there is none.
  package var min: Int64 {
    guard let slot = counts.firstIndex(where: { $0 != 0 }) else { return 0 }
    return lowestValue(ofBucket: base + slot)
  }

  /// The highest value that shares a bucket with the largest one recorded; 0 when there is none.
  package var max: Int64 {
    guard let slot = counts.lastIndex(where: { $0 != 0 }) else { return 0 }
    return highestValue(ofBucket: base + slot)
  }

  /// The mean, every value taken at its bucket's middle; 0 when there is none. O(buckets).
  package var mean: Double {
    guard count > 0 else { return 0 }
    var sum = 0.0
    forEachBucket { lowest, highest, count in
      // HdrHistogram's `medianEquivalentValue`: the lowest value plus half the bucket's width.
      let middle = lowest + (highest - lowest) / 2 + (highest > lowest ? 1 : 0)
      sum += Double(middle) * Double(count)
    }
    return sum / Double(count)
  }

  /// The value that `quantile` (0 to 1) of the samples do not exceed: the highest one in its bucket.
  ///
  /// HdrHistogram's `getValueAtPercentile`: the bucket in which the running count reaches `ceil(quantile x count)`, at
  /// least 1, where the quantile is taken one ulp lower so that a product such as 0.999 x 1000 is not pushed into the
  /// next bucket by its rounding. Quantile 0 is `min`; an empty histogram gives 0. O(buckets).
  package func value(atQuantile quantile: Double) -> Int64 {
    guard count > 0 else { return 0 }
    guard quantile > 0 else { return min }
    let target = rank(atQuantile: quantile)
    var seen: Int64 = 0
    for (slot, count) in counts.enumerated() {
      seen &+= count
      if seen >= target { return highestValue(ofBucket: base + slot) }
    }
    return max
  }

  /// The value at `quantile`; see `value(atQuantile:)`.
  package func value(at quantile: Quantile) -> Int64 { value(atQuantile: quantile.fraction) }

  /// How many samples rank above the one at `quantile` (0 to 1): with few of them the value is an anecdote.
  package func samplesBeyond(_ quantile: Double) -> Int64 {
    count == 0 ? 0 : count - rank(atQuantile: quantile)
  }

  /// Which sample in rising order, counted from 1, is the one at `quantile`.
  private func rank(atQuantile quantile: Double) -> Int64 {
    let fraction = Swift.min(Swift.max(quantile.nextDown, 0), 1)
    return Swift.min(Swift.max(Int64((fraction * Double(count)).rounded(.up)), 1), count)
  }

  /// How many samples are in higher buckets than `value`: larger than it for certain. O(buckets).
  package func count(above value: Int64) -> Int64 {
    let first = bucket(of: Swift.max(value, 0)) + 1 - base
    guard first < counts.count else { return 0 }
    return counts[Swift.max(first, 0)...].reduce(0, +)
  }

  /// Calls `body` with the lowest and highest value and the count of every bucket that has any, in rising order.
  package func forEachBucket(_ body: (_ lowest: Int64, _ highest: Int64, _ count: Int64) throws -> Void) rethrows {
    for slot in counts.indices where counts[slot] != 0 {
      try body(lowestValue(ofBucket: base + slot), highestValue(ofBucket: base + slot), counts[slot])
    }
  }

  /// The lowest value that is counted in the same bucket as `value`.
  package func lowestEquivalent(_ value: Int64) -> Int64 { lowestValue(ofBucket: bucket(of: Swift.max(value, 0))) }

  /// The highest value that is counted in the same bucket as `value`.
  package func highestEquivalent(_ value: Int64) -> Int64 { highestValue(ofBucket: bucket(of: Swift.max(value, 0))) }

  func lowestValue(ofBucket bucket: Int) -> Int64 {
    let doubling = Swift.max((bucket >> halfMagnitude) - 1, 0)
    return Int64(bucket - (doubling << halfMagnitude)) << Int64(doubling + unitMagnitude)
  }

  func highestValue(ofBucket bucket: Int) -> Int64 {
    let doubling = Swift.max((bucket >> halfMagnitude) - 1, 0)
    let width: Int64 = 1 << Int64(doubling + unitMagnitude)
    return lowestValue(ofBucket: bucket) + (width - 1)
  }
}

extension Histogram: CustomStringConvertible {
  /// How many values, and between which bounds; not the counts, of which there are thousands.
  public var description: String {
    isEmpty ? "no values" : "\(count) values from \(min) to \(max)"
  }
}

extension Histogram: CustomDebugStringConvertible {
  /// As `description`.
  public var debugDescription: String { description }
}

extension Histogram: Equatable {
  /// Whether both have the same layout and the same counts, whatever memory they hold. O(buckets).
  public static func == (left: Histogram, right: Histogram) -> Bool {
    guard left.significantDigits == right.significantDigits, left.lowestDiscernible == right.lowestDiscernible,
      left.count == right.count
    else { return false }
    let first = Swift.min(left.base, right.base)
    let end = Swift.max(left.base + left.counts.count, right.base + right.counts.count)
    return (first..<end).allSatisfy { left.count(ofBucket: $0) == right.count(ofBucket: $0) }
  }

  /// The count of `bucket`, 0 where there is no memory for one.
  func count(ofBucket bucket: Int) -> Int64 {
    counts.indices.contains(bucket - base) ? counts[bucket - base] : 0
  }
}
