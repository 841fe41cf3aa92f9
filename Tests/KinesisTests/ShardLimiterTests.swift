import Kinesis
import Testing

@Suite struct ShardLimiterTests {
  static let second: Int64 = 1_000_000_000

  /// A limiter by reference, since expectations cannot call what changes a value.
  final class Limiter {
    private var limiter: ShardLimiter

    init(rule: ShardLimiter.Rule) { limiter = ShardLimiter(rule: rule) }

    func admit(bytes: Int, at nanoseconds: Int64) -> Bool { limiter.admit(bytes: bytes, at: nanoseconds) }

    func refusal(bytes: Int, at nanoseconds: Int64) -> ShardLimiter.Refusal? {
      limiter.refusal(bytes: bytes, at: nanoseconds)
    }

    func available(at nanoseconds: Int64) -> (records: Int64, bytes: Int64)? { limiter.available(at: nanoseconds) }
  }

  /// The buckets in exact arithmetic of another kind: levels as 128-bit fractions of the whole history, not step by step.
  struct Oracle {
    let limits: ShardLimits
    var records: Int128
    var bytes: Int128
    var last: Int64

    init(_ limits: ShardLimits, at start: Int64) {
      self.limits = limits
      records = Int128(limits.recordCapacity) * Int128(second)
      bytes = Int128(limits.byteCapacity) * Int128(second)
      last = start
    }

    mutating func admit(_ size: Int, _ now: Int64) -> Bool {
      let elapsed = Int128(now) - Int128(last)
      if elapsed > 0 {
        records = min(
          Int128(limits.recordCapacity) * Int128(second), records + elapsed * Int128(limits.recordsPerSecond))
        bytes = min(Int128(limits.byteCapacity) * Int128(second), bytes + elapsed * Int128(limits.bytesPerSecond))
        last = now
      }
      guard records >= Int128(second), bytes >= Int128(size) * Int128(second) else { return false }
      records -= Int128(second)
      bytes -= Int128(size) * Int128(second)
      return true
    }
  }

  @Test func aThousandRecordsAtOnceAndNotOneMore() {
    let limiter = Limiter(rule: LimitsProfile.kinesis.rule)
    for _ in 0..<1000 { #expect(limiter.admit(bytes: 1, at: 5)) }
    #expect(limiter.refusal(bytes: 1, at: 5) == .records)
    // One token comes back after a thousandth of a second, to the nanosecond.
    #expect(!limiter.admit(bytes: 1, at: 5 + 999_999))
    #expect(limiter.admit(bytes: 1, at: 5 + 1_000_000))
    #expect(!limiter.admit(bytes: 1, at: 5 + 1_000_000))
    // After a second all are back, and after an hour no more than all.
    for pause in [Self.second, 3600 * Self.second] {
      let now = 5 + 1_000_000 + pause
      var taken = 0
      while limiter.admit(bytes: 1, at: now) { taken += 1 }
      #expect(taken == 1000)
    }
  }

  @Test func bytesBindWhenRecordsAreLarge() {
    let limiter = Limiter(rule: LimitsProfile.kinesis.rule)
    for _ in 0..<16 { #expect(limiter.admit(bytes: 65_536, at: 0)) }
    #expect(limiter.refusal(bytes: 1, at: 0) == .bytes)
    // A smaller record still passes where a larger one is refused.
    #expect(limiter.refusal(bytes: 105, at: 100_000) == .bytes)
    #expect(limiter.admit(bytes: 104, at: 100_000))
    // 0.857… bytes are left of 104.8576: the fraction counts.
    #expect(!limiter.admit(bytes: 1, at: 100_000))
    #expect(limiter.admit(bytes: 1, at: 100_137))
    #expect(limiter.refusal(bytes: .max, at: 100_137) == .bytes)
  }

  @Test func aRecordOfTheWholeCapacityPassesOnAFullBucketOnly() {
    let limiter = Limiter(rule: LimitsProfile.kinesis.rule)
    #expect(limiter.admit(bytes: 1_048_576, at: 0))
    #expect(!limiter.admit(bytes: 1_048_576, at: Self.second - 1))
    #expect(limiter.admit(bytes: 1_048_576, at: Self.second))
    #expect(!limiter.admit(bytes: 1_048_577, at: 100 * Self.second))
    let large = Limiter(rule: LimitsProfile.largeRecords.rule)
    #expect(large.admit(bytes: 10_485_760, at: 0))
    #expect(!large.admit(bytes: 10_485_760, at: 9 * Self.second))
    #expect(large.admit(bytes: 10_485_760, at: 10 * Self.second))
  }

  @Test func emptyRecordsCostOnlyARecord() {
    let limiter = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 2, bytesPerSecond: 0)))
    #expect(limiter.admit(bytes: 0, at: 0))
    #expect(limiter.refusal(bytes: 1, at: 0) == .bytes)
    #expect(limiter.admit(bytes: 0, at: 0))
    #expect(limiter.refusal(bytes: 0, at: 0) == .records)
  }

  @Test func nothingDriftsInADay() {
    // A record each millisecond, or after longer: never refused, however many there have been.
    let limiter = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 1000, recordCapacity: 1)))
    var now: Int64 = 0
    var refused = 0
    for step in 0..<200_000 {
      refused += limiter.admit(bytes: 0, at: now) ? 0 : 1
      now += step % 2 == 0 ? 1_000_000 : 86_400 * Self.second / 100_000
    }
    #expect(refused == 0)
    // One nanosecond too early each time: exactly every other one is refused.
    let early = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 1000, recordCapacity: 1)))
    let admitted = (0..<2000).count { early.admit(bytes: 0, at: Int64($0) * 999_999) }
    #expect(admitted == 1000)
  }

  @Test func rateThatDoesNotDivideASecondIsExact() {
    // 3 records per second for 10^5 seconds, asked 7 times a second: 300,000 and the first bucketful, no more or less.
    let limiter = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 3)))
    var admitted = 0
    for question in 0...700_000 where limiter.admit(bytes: 1, at: Int64(question) * Self.second / 7) { admitted += 1 }
    #expect(admitted == 3 + 3 * 100_000)
  }

  @Test func randomTrafficAgreesWithExactArithmetic() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    for round in 0..<40 {
      let limits = ShardLimits(
        recordsPerSecond: .random(in: 0...2000, using: &random), recordCapacity: .random(in: 0...50, using: &random),
        bytesPerSecond: .random(in: 0...2_000_000, using: &random),
        byteCapacity: .random(in: 0...20_000, using: &random))
      let limiter = Limiter(rule: .kinesis(limits))
      var now = Int64.random(in: -5_000_000_000...5_000_000_000, using: &random)
      var oracle = Oracle(limits, at: now)
      for step in 0..<500 {
        let size = Int.random(in: 0...3000, using: &random)
        let expected = oracle.admit(size, now)
        #expect(
          limiter.admit(bytes: size, at: now) == expected, "seed \(seed), round \(round), step \(step)")
        now += .random(in: -100...3_000_000, using: &random)
      }
    }
  }

  @Test func aClockSetBackAddsNothingAndExtremesDoNotTrap() {
    let limiter = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 1)))
    #expect(limiter.admit(bytes: 1, at: 1000 * Self.second))
    #expect(!limiter.admit(bytes: 1, at: 0))
    #expect(!limiter.admit(bytes: 1, at: 1000 * Self.second))
    #expect(!limiter.admit(bytes: 1, at: .min))
    #expect(limiter.admit(bytes: 1, at: .max))
    let early = Limiter(rule: .kinesis(ShardLimits(recordsPerSecond: 1)))
    #expect(early.admit(bytes: 1, at: .min))
    #expect(early.admit(bytes: 1, at: .max))
    #expect(!early.admit(bytes: 1, at: .max))
  }

  @Test func windowsStartWithTheSecond() {
    let limiter = Limiter(rule: LimitsProfile.window.rule)
    let end = 7 * Self.second - 1
    for _ in 0..<1000 { #expect(limiter.admit(bytes: 1, at: end)) }
    #expect(limiter.refusal(bytes: 1, at: end) == .records)
    // Across the border twice the rate passes in two nanoseconds.
    for _ in 0..<1000 { #expect(limiter.admit(bytes: 1, at: end + 1)) }
    #expect(!limiter.admit(bytes: 1, at: end + 1))
    // Before the origin as well.
    let early = Limiter(rule: .window(recordsPerSecond: 1, bytesPerSecond: 10))
    #expect(early.admit(bytes: 1, at: -Self.second))
    #expect(!early.admit(bytes: 1, at: -1))
    #expect(early.admit(bytes: 1, at: 0))
    #expect(early.refusal(bytes: 11, at: Self.second) == .bytes)
    #expect(early.admit(bytes: 10, at: Self.second))
  }

  @Test func slidingSecondHasNoBorder() {
    let limiter = Limiter(rule: .sliding(recordsPerSecond: 3, bytesPerSecond: 100))
    for instant in [0, 400_000_000, 400_000_000] { #expect(limiter.admit(bytes: 10, at: Int64(instant))) }
    #expect(limiter.refusal(bytes: 1, at: Self.second - 1) == .records)
    // What was taken at 0 counts for one second, to the nanosecond; what was refused counts for nothing.
    #expect(limiter.refusal(bytes: 81, at: Self.second) == .bytes)
    #expect(limiter.admit(bytes: 80, at: Self.second))
    #expect(limiter.refusal(bytes: 1, at: Self.second + 399_999_999) == .records)
    #expect(limiter.refusal(bytes: 21, at: Self.second + 400_000_000) == .bytes)
    #expect(limiter.admit(bytes: 20, at: Self.second + 400_000_000))
    #expect(limiter.refusal(bytes: 0, at: 2 * Self.second) == nil)
    let available = limiter.available(at: 0)
    #expect(available == nil)
  }

  @Test func slidingSecondStandsAClockSetBackAndExtremes() {
    let limiter = Limiter(rule: .sliding(recordsPerSecond: 1, bytesPerSecond: 10))
    #expect(limiter.admit(bytes: 1, at: .min))
    #expect(limiter.admit(bytes: 1, at: .max))
    #expect(!limiter.admit(bytes: 1, at: .min))
    #expect(!limiter.admit(bytes: .max, at: .max))
  }

  /// The rules of seconds by going through all that was ever taken.
  struct SecondsOracle {
    let rule: ShardLimiter.Rule
    var taken: [(instant: Int64, size: Int)] = []
    var last = Int64.min

    mutating func admit(_ size: Int, _ now: Int64) -> Bool {
      last = max(last, now)
      let records: Int64
      let bytes: Int64
      let isCounted: (Int64) -> Bool
      switch rule {
      case .window(let most, let mostBytes):
        (records, bytes) = (most, mostBytes)
        let number = { (instant: Int64) in Int((Double(instant) / 1e9).rounded(.down)) }
        isCounted = { [last] in number($0) == number(last) }
      case .sliding(let most, let mostBytes):
        (records, bytes) = (most, mostBytes)
        isCounted = { [last] in last - $0 < second }
      case .kinesis, .none: return true
      }
      let counted = taken.filter { isCounted($0.instant) }
      guard counted.count < records, counted.reduce(size, { $0 + $1.size }) <= bytes else { return false }
      taken.append((last, size))
      return true
    }
  }

  @Test("Random traffic agrees with going through the whole history", arguments: [true, false])
  func secondsAgreeWithTheHistory(isSliding: Bool) {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    for round in 0..<20 {
      let (records, bytes) = (
        Int64.random(in: 0...60, using: &random), Int64.random(in: 0...100_000, using: &random)
      )
      let rule: ShardLimiter.Rule =
        isSliding
        ? .sliding(recordsPerSecond: records, bytesPerSecond: bytes)
        : .window(recordsPerSecond: records, bytesPerSecond: bytes)
      let limiter = Limiter(rule: rule)
      var oracle = SecondsOracle(rule: rule)
      var now = Int64.random(in: -5_000_000_000...5_000_000_000, using: &random)
      for step in 0..<500 {
        let size = Int.random(in: 0...3000, using: &random)
        let expected = oracle.admit(size, now)
        #expect(limiter.admit(bytes: size, at: now) == expected, "seed \(seed), round \(round), step \(step)")
        // Many records at one instant, as in a request, and now and then a clock set back.
        if step % 3 == 0 { now += .random(in: -100...60_000_000, using: &random) }
      }
    }
  }

  @Test func withoutLimitsAllPasses() {
    let limiter = Limiter(rule: LimitsProfile.none.rule)
    for _ in 0..<5000 { #expect(limiter.admit(bytes: 1 << 30, at: 0)) }
    let available = limiter.available(at: 0)
    #expect(available == nil)
  }

  @Test func availableTellsWholeTokens() {
    let limiter = Limiter(rule: LimitsProfile.kinesis.rule)
    #expect(limiter.admit(bytes: 1000, at: 0))
    let now = limiter.available(at: 0)
    #expect(now?.records == 999)
    #expect(now?.bytes == 1_047_576)
    let later = limiter.available(at: 999_999)
    #expect(later?.records == 999)
  }

  @Test(arguments: zip(["kinesis", "large-records", "window", "none"], LimitsProfile.named))
  func profilesHaveTheirNames(_ name: String, _ profile: LimitsProfile) {
    #expect(LimitsProfile(name: name) == profile)
    #expect(profile.name == name)
    #expect(profile.request.records == 500)
    #expect(profile.request.bytesPerRecord == (profile == .largeRecords ? 10_485_760 : 1_048_576))
  }

  @Test func unknownProfilesAreNone() {
    #expect(LimitsProfile(name: "explicit") == nil)
    #expect(LimitsProfile(name: "Kinesis") == nil)
  }
}
