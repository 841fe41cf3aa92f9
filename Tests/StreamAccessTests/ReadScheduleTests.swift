import Measurement
import Testing

@testable import StreamAccess

/// A reading without headway ends after a minute, whatever is answered; one that makes some is never cut.
@Suite("When reading back ends") struct ReadScheduleTests {
  /// What a step about a shard meets.
  enum Answer: Sendable {
    /// A record, with more behind it.
    case record
    /// No record, with some to come: `MillisBehindLatest` above 0.
    case empty
    /// The end of what the shard holds.
    case end
    case throttled
    case expired
    case failed
    /// Nothing within a call's 30 s.
    case silence
  }

  private var schedule = ReadSchedule(start: .oldest, interval: .milliseconds(200), now: Instant(nanoseconds: 0))
  private let clock = ManualClock()
  private var sequence = 0

  /// Follows the schedule to its end, an hour at most; each call takes 10 ms.
  private mutating func run(_ answer: (_ shard: Int, _ isOpening: Bool, _ now: Instant) -> Answer) -> ReadSchedule.Step
  {
    while clock.now() < Instant(nanoseconds: 3_600_000_000_000) {
      let step = schedule.next(now: clock.now())
      switch step {
      case .open(let shard, _): take(answer(shard, true, clock.now()), shard, isOpening: true)
      case .read(let shard, _): take(answer(shard, false, clock.now()), shard, isOpening: false)
      case .wait(let instant): clock.advance(by: max(instant - clock.now(), .milliseconds(1)))
      case .done, .failed, .stalled: return step
      }
    }
    return .wait(until: clock.now())
  }

  private mutating func take(_ answer: Answer, _ shard: Int, isOpening: Bool) {
    clock.advance(by: answer == .silence ? .seconds(30) : .milliseconds(10))
    switch answer {
    case .throttled: return schedule.failed(.throttled, shard: shard, now: clock.now())
    case .expired: return schedule.failed(.expired, shard: shard, now: clock.now())
    case .failed, .silence: return schedule.failed(.failed, shard: shard, now: clock.now())
    case .record, .empty, .end: break
    }
    if isOpening { return schedule.opened(shard, iterator: "i") }
    sequence += 1
    schedule.read(
      shard, last: answer == .record ? "\(sequence)" : nil, nextIterator: "i", isBehind: answer != .end,
      now: clock.now())
  }

  @Test(arguments: [
    (Answer.empty, ReadSchedule.Standing.empty, 60.0...60.3), (.throttled, .throttled(16), 60...65.1),
    // The other shard ends behind the first silence, at 30 s.
    (.silence, .failing(3), 90...91),
  ])
  mutating func aShardWithoutHeadwayEndsTheReading(
    answer: Answer, standing: ReadSchedule.Standing, seconds: ClosedRange<Double>
  ) {
    _ = schedule.add([("good", []), ("bad", []), ("child", ["bad"])])
    let step = run { shard, isOpening, _ in
      if shard == 0 { return .end }
      return isOpening && answer == .empty ? .record : answer
    }
    #expect(step == .stalled)
    let unread = schedule.unreadShards
    #expect(unread.map(\.shard) == [1, 2])
    #expect(unread.map(\.standing) == [standing, .waitsForParents])
    #expect(seconds.contains((clock.now() - Instant(nanoseconds: 0)).seconds))
  }

  @Test mutating func iteratorsThatAlwaysExpireEndTheReading() {
    _ = schedule.add([("bad", [])])
    // Each new iterator is a success, so that failures never add up.
    #expect(run { _, isOpening, _ in isOpening ? .record : .expired } == .stalled)
  }

  @Test mutating func failuresInARowEndItSooner() {
    _ = schedule.add([("bad", [])])
    #expect(run { _, _, _ in .failed } == .failed(shard: 0))
    #expect((clock.now() - Instant(nanoseconds: 0)).seconds < 60)
  }

  @Test(arguments: [Answer.empty, .throttled]) mutating func steadyProgressIsNeverCut(between: Answer) {
    _ = schedule.add([("a", []), ("b", [])])
    // A record every 50 s at the most, for half an hour, of one shard only; the other has none to its end.
    var next = 50.0
    let step = run { shard, isOpening, now in
      let seconds = (now - Instant(nanoseconds: 0)).seconds
      if isOpening || seconds > 1_800 { return isOpening ? .record : .end }
      guard shard == 0, seconds >= next else { return between }
      next = seconds + 50
      return .record
    }
    #expect(step == .done)
    #expect((clock.now() - Instant(nanoseconds: 0)).seconds > 1_800)
  }

  @Test mutating func shardsThatEndOneAfterTheOtherAreHeadway() {
    // Each is without a record for 40 s, ten of them in a line of descent.
    _ = schedule.add((0..<10).map { (id: "\($0)", parents: $0 == 0 ? [] : ["\($0 - 1)"]) })
    var begun = Instant(nanoseconds: 0)
    let step = run { _, isOpening, now in
      if isOpening {
        begun = now
        return .record
      }
      return (now - begun).seconds >= 40 ? .end : .empty
    }
    #expect(step == .done && (clock.now() - Instant(nanoseconds: 0)).seconds >= 400)
  }

  @Test mutating func lookingAgainBeginsTheMinuteAnew() {
    _ = schedule.add([("a", [])])
    #expect(run { _, _, _ in .end } == .done)
    clock.advance(by: .seconds(100))
    schedule.lookAgain(after: clock.now())
    #expect(run { _, _, _ in .end } == .done)
  }
}
