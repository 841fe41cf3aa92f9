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
