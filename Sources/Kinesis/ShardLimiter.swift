/// Decides, record by record, whether a shard takes a record or throttles it.
///
/// The same limiter throttles in the embedded endpoint and predicts in the simulations. Arithmetic is in integers
/// throughout: a bucket's level is kept in billionths of its token, so that a nanosecond adds exactly the rate, and
/// nothing drifts however long it runs.
public struct ShardLimiter: Sendable {
  /// How a shard limits.
  package enum Rule: Hashable, Sendable {
    /// Two token buckets, full at the start; a record needs one token of the first and its size in the second.
    case kinesis(ShardLimits)

    /// So many records and bytes in each second of the clock, however they fall within it.
    case window(recordsPerSecond: Int64, bytesPerSecond: Int64)

    /// So many records and bytes in the second that ends with each instant, wherever it began.
    case sliding(recordsPerSecond: Int64, bytesPerSecond: Int64)

    /// Everything is taken.
    case none
  }

  /// Which limit a refused record would have broken.
  package enum Refusal: Sendable {
    /// The records of the shard's second are used up, whether or not the bytes are.
    case records
    /// The bytes alone.
    case bytes
  }

  /// The rule in force.
  package let rule: Rule

  /// Buckets: levels in billionths of a token. Window and sliding: what the second has taken.
  private var records: Int64 = 0
  private var bytes: Int64 = 0
  /// Buckets and sliding: the instant these are for. Window: the second's number.
  private var clock: Int64?
  /// Sliding: what was taken in the last second, instant by instant, from `oldest` on. 24 bytes for each instant at which
  /// something was.
  private var taken: [Taken] = []
  private var oldest = 0

  private struct Taken {
    let instant: Int64
    var records: Int64
    var bytes: Int64
  }

  private static let billion: Int64 = 1_000_000_000

  /// Makes a limiter that has seen no traffic.
  package init(rule: Rule) {
    self.rule = rule
    if case .kinesis(let limits) = rule {
      records = limits.recordCapacity * Self.billion
      bytes = limits.byteCapacity * Self.billion
    }
  }

  /// Takes a record if the limits allow, else leaves everything as it was.
  ///
  /// - Parameters:
  ///   - size: bytes of data and partition key.
  ///   - nanoseconds: the instant, from any fixed origin; an instant before the last one adds nothing.
  /// - Returns: whether the record is taken.
  package mutating func admit(bytes size: Int, at nanoseconds: Int64) -> Bool {
    refusal(bytes: size, at: nanoseconds) == nil
  }

  /// Takes a record like ``admit(bytes:at:)`` and says why not when it does not.
  package mutating func refusal(bytes size: Int, at nanoseconds: Int64) -> Refusal? {
    switch rule {
    case .kinesis(let limits):
      refill(limits, at: nanoseconds)
      guard records >= Self.billion else { return .records }
      // A size beyond the capacity, which alone could overflow, is refused in any case.
      guard size <= limits.byteCapacity, bytes >= Int64(size) * Self.billion else { return .bytes }
      records -= Self.billion
      bytes -= Int64(size) * Self.billion
      return nil
    case .window(let recordsPerSecond, let bytesPerSecond):
      let second = nanoseconds >= 0 ? nanoseconds / Self.billion : (nanoseconds - Self.billion + 1) / Self.billion
      if clock.map({ second > $0 }) ?? true {
        clock = second
        records = 0
        bytes = 0
      }
      guard records < recordsPerSecond else { return .records }
      guard Int64(size) <= bytesPerSecond - bytes else { return .bytes }
      records += 1
      bytes += Int64(size)
      return nil
    case .sliding(let recordsPerSecond, let bytesPerSecond):
      let now = max(clock ?? nanoseconds, nanoseconds)
      clock = now
      forget(before: now)
      guard records < recordsPerSecond else { return .records }
      guard Int64(size) <= bytesPerSecond - bytes else { return .bytes }
      take(bytes: Int64(size), at: now)
      return nil
    case .none:
      return nil
    }
  }

  /// Takes as many of some records of one size as the limits allow, all at one instant: as `admit` for each in turn.
  ///
  /// - Returns: how many are taken.
  /// - Complexity: O(1) for buckets, O(count) for the other rules.
  package mutating func admit(_ count: Int, ofBytes size: Int, at nanoseconds: Int64) -> Int {
    guard case .kinesis(let limits) = rule else {
      var taken = 0
      for _ in 0..<count where admit(bytes: size, at: nanoseconds) { taken += 1 }
      return taken
    }
    refill(limits, at: nanoseconds)
    guard size <= limits.byteCapacity else { return 0 }
    var taken = min(Int64(count), records / Self.billion)
    if size > 0 { taken = min(taken, bytes / (Int64(size) * Self.billion)) }
    records -= taken * Self.billion
    bytes -= taken * Int64(size) * Self.billion
    return Int(taken)
  }

  /// Takes out what was taken a second ago and earlier. O(1) in the mean.
  private mutating func forget(before now: Int64) {
    while oldest < taken.count {
      let (age, isHuge) = now.subtractingReportingOverflow(taken[oldest].instant)
      guard isHuge || age >= Self.billion else { break }
      records -= taken[oldest].records
      bytes -= taken[oldest].bytes
      oldest += 1
    }
    if oldest * 2 >= taken.count {
      taken.removeFirst(oldest)
      oldest = 0
    }
  }

  private mutating func take(bytes size: Int64, at now: Int64) {
    records += 1
    bytes += size
    if let last = taken.indices.last, last >= oldest, taken[last].instant == now {
      taken[last].records += 1
      taken[last].bytes += size
    } else {
      taken.append(Taken(instant: now, records: 1, bytes: size))
    }
  }

  /// What the buckets hold at an instant, in whole tokens; `nil` for the rules without buckets.
  package mutating func available(at nanoseconds: Int64) -> (records: Int64, bytes: Int64)? {
    guard case .kinesis(let limits) = rule else { return nil }
    refill(limits, at: nanoseconds)
    return (records / Self.billion, bytes / Self.billion)
  }

  private mutating func refill(_ limits: ShardLimits, at nanoseconds: Int64) {
    guard let last = clock else {
      clock = nanoseconds
      return
    }
    let (elapsed, overflow) = nanoseconds.subtractingReportingOverflow(last)
    guard overflow || elapsed > 0 else { return }
    if overflow && nanoseconds < last { return }
    clock = nanoseconds
    records = Self.level(
      records, plus: overflow ? .max : elapsed, rate: limits.recordsPerSecond, capacity: limits.recordCapacity)
    bytes = Self.level(
      bytes, plus: overflow ? .max : elapsed, rate: limits.bytesPerSecond, capacity: limits.byteCapacity)
  }

  private static func level(_ level: Int64, plus elapsed: Int64, rate: Int64, capacity: Int64) -> Int64 {
    let full = capacity * billion
    let (gain, overflow) = elapsed.multipliedReportingOverflow(by: rate)
    return overflow || gain >= full - level ? full : level + gain
  }
}
