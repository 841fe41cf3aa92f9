import Testing

@testable import Measurement

@Suite struct HistogramTests {
  private func histogram(_ values: [Int64], digits: Int = 3, lowest: Int64 = 1) -> Histogram {
    var histogram = Histogram(significantDigits: digits, lowestDiscernible: lowest)
    for value in values { histogram.record(value) }
    return histogram
  }

  @Test(arguments: 1...5)
  func everyValueIsInABucketOfTheRightWidth(digits: Int) {
    let histogram = Histogram(significantDigits: digits)
    let precision = StableMath.pow(10, -Double(digits))
    var values: [Int64] = [0, 1, 2, 3, .max, .max - 1]
    for power in 1..<63 as Range<Int64> {
      values += [(1 << power) - 1, 1 << power, (1 << power) + 1, 3 << (power - 1)]
    }
    for value in values {
      let low = histogram.lowestEquivalent(value)
      let high = histogram.highestEquivalent(value)
      #expect(low <= value && value <= high)
      #expect(Double(high) - Double(low) <= Double(value) * precision)
      #expect(histogram.bucket(of: low) == histogram.bucket(of: high))
      if high < .max { #expect(histogram.bucket(of: high + 1) == histogram.bucket(of: high) + 1) }
      #expect(histogram.lowestValue(ofBucket: histogram.bucket(of: value)) == low)
    }
  }

  @Test func bucketsFollowEachOtherWithoutGap() {
    let histogram = Histogram(significantDigits: 1, lowestDiscernible: 8)
    var next: Int64 = 0
    for bucket in 0...histogram.bucket(of: .max) {
      #expect(histogram.lowestValue(ofBucket: bucket) == next)
      next = histogram.highestValue(ofBucket: bucket) &+ 1
    }
    #expect(next == .min)
  }

  @Test func anEmptyOneAnswersZeroAndHoldsNoMemory() {
    let empty = Histogram()
    #expect(empty.isEmpty)
    #expect(empty.min == 0 && empty.max == 0 && empty.mean == 0)
    #expect(empty.value(atQuantile: 0.5) == 0)
    #expect(empty.samplesBeyond(0.5) == 0)
    #expect(empty.count(above: 0) == 0)
    #expect(empty.counts.capacity == 0)
  }

  @Test(
    "Many values at once are counted as one by one",
    arguments: [
      [], [0], [-5, 5], [1_000, 1_000, 1_000], [3_000, 2, 900_000_000, 1, 3_000], [.max, 0, .max],
      [7, 1 << 40, 8, 1 << 50],
    ])
  func manyAtOnce(values: [Int64]) {
    for digits in [2, 3] {
      var together = histogram([70_000], digits: digits, lowest: 64)
      for part in [values, values.reversed()] { part.withUnsafeBufferPointer { together.record($0) } }
      let apart = histogram([70_000] + values + values.reversed(), digits: digits, lowest: 64)
      #expect(together.count == apart.count && together.count == Int64(1 + 2 * values.count))
      for value in values + [70_000] {
        #expect(together.count(above: max(value, 0)) == apart.count(above: max(value, 0)))
      }
      #expect(together.min == apart.min && together.max == apart.max && together.mean == apart.mean)
    }
  }

  /// The values the Python port of HdrHistogram gives for the same records.
  @Test func quantilesAreHdrHistograms() {
    let histogram = Self.reference
    #expect(histogram.count == 1_000_000_000_312)
    #expect(histogram.value(atQuantile: 0) == 0)
    #expect(histogram.value(atQuantile: 0.1) == 7_778_303)
    #expect(histogram.value(atQuantile: 0.999) == 7_778_303)
    #expect(histogram.value(atQuantile: 1) == 3_001_024_511)
    #expect(histogram.max == 3_001_024_511)
    #expect(histogram.min == 0)
    #expect(relativeError(histogram.mean, 7776256.0021971855) < 1e-12)
  }

  @Test(arguments: [1, 2, 3, 10, 100, 999, 1_000, 1_001])
  func quantilesOfDistinctSmallValuesAreRanks(count: Int) {
    let histogram = histogram((1...Int64(count)).map { $0 })
    for (numerator, denominator) in [(1, 2), (9, 10), (99, 100), (999, 1_000), (1, 1), (1, 1_000)] {
      let rank = max((count * numerator + denominator - 1) / denominator, 1)
      let quantile = Double(numerator) / Double(denominator)
      #expect(histogram.value(atQuantile: quantile) == Int64(rank), "\(numerator)/\(denominator)")
      #expect(histogram.samplesBeyond(quantile) == Int64(count - rank), "\(numerator)/\(denominator)")
    }
  }

  @Test func outOfRangeQuantilesAreTheEnds() {
    let histogram = histogram([5, 6, 7])
    #expect(histogram.value(atQuantile: -1) == 5)
    #expect(histogram.value(atQuantile: 2) == 7)
    #expect(histogram.value(at: .p50) == 6)
  }

  @Test func negativeValuesCountAsZero() {
    var histogram = histogram([-5, .min])
    histogram.record(-1, count: 3)
    #expect(histogram.count == 5)
    #expect(histogram.max == 0)
  }

  @Test func countsAboveAValueLeaveItsBucketOut() {
    let histogram = histogram([0, 10, 10, 100_000, 100_010, 200_000])
    #expect(histogram.count(above: -1) == 5)
    #expect(histogram.count(above: 0) == 5)
    #expect(histogram.count(above: 9) == 5)
    #expect(histogram.count(above: 10) == 3)
    // 100,010 shares a bucket of 64 with 100,000.
    #expect(histogram.count(above: 100_000) == 1)
    #expect(histogram.count(above: .max) == 0)
    #expect(self.histogram([100_000]).count(above: 3) == 1)
  }

  @Test func memoryCoversTheRangeSeenAlone() {
    var histogram = Histogram()
    histogram.record(3_000_000)
    #expect(histogram.counts.count == 1_024)
    histogram.record(1_500_000)
    #expect(histogram.counts.count == 2_048)
    histogram.record(12_000_000)
    #expect(histogram.counts.count == 4_096)
    histogram.record(0)
    #expect(histogram.value(atQuantile: 1) == histogram.highestEquivalent(12_000_000))
    #expect(histogram.count == 4)
  }

  @Test func mergingIsExactInAnyOrderAndGrouping() {
    let random = CounterRandom(seed: 9)
    let values = (0..<3_000 as Range<UInt64>).map { Int64(bitPattern: random.bits($0).0 >> (random.bits($0).1 % 64)) }
    let whole = histogram(values)
    for parts in [1, 2, 3, 7] {
      let split = (0..<parts).map { part in
        histogram(values.indices.filter { $0 % parts == part }.map { values[$0] })
      }
      var forwards = Histogram()
      var backwards = Histogram()
      for part in split { forwards.add(part) }
      for part in split.reversed() { backwards.add(part) }
      #expect(forwards == whole)
      #expect(backwards == whole)
    }
    var same = whole
    same.add(Histogram())
    #expect(same == whole)
  }

  @Test func resettingForgetsTheCounts() {
    var histogram = histogram([1, 1_000_000])
    histogram.reset()
    #expect(histogram == Histogram())
    histogram.record(4)
    #expect(histogram == self.histogram([4]))
  }

  @Test func equalityLooksAtCountsNotAtMemory() {
    #expect(histogram([1, 2]) == histogram([2, 1]))
    #expect(histogram([1]) != histogram([2]))
    #expect(histogram([1]) != histogram([1], digits: 2))
    #expect(histogram([]) != histogram([], lowest: 16))
  }

  @Test func aCopyIsIndependent() {
    let before = histogram([1])
    var after = before
    after.record(1)
    #expect(before.count == 1)
    #expect(after.count == 2)
  }

  @Test func bucketsComeInRisingOrder() {
    var seen: [[Int64]] = []
    var histogram = histogram([5_000, 0, 5_001])
    histogram.record(77, count: 4)
    histogram.record(78, count: 0)
    histogram.forEachBucket { seen.append([$0, $1, $2]) }
    #expect(seen == [[0, 0, 1], [77, 77, 4], [5_000, 5_003, 2]])
  }

  /// What the Python port of HdrHistogram recorded for `HistogramEncodingTests` too.
  static let reference: Histogram = {
    var histogram = Histogram()
    for value in [0, 1, 2, 2_047, 2_048, 2_049, 4_095, 4_096, 100_000, 100_000, 123_456_789, 3_000_000_000] as [Int64] {
      histogram.record(value)
    }
    histogram.record(5_000_000, count: 300)
    histogram.record(7_777_777, count: 1_000_000_000_000)
    return histogram
  }()
}
