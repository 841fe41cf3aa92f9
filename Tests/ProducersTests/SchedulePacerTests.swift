import Measurement
import Scenarios
import Testing

@testable import Producers

@Suite("The schedule's clock and the late policies")
struct SchedulePacerTests {
  private static let ms: Int64 = 1_000_000

  @Test("In step, the schedule shows real time")
  func inStep() {
    var pacer = SchedulePacer(policy: .paced, start: -10)
    for now in stride(from: Int64(0), through: 100 * Self.ms, by: Int(7 * Self.ms)) {
      pacer.advance(to: now, nextClose: now + 1, blocked: false)
      #expect(pacer.scheduleTime == now)
      #expect(pacer.lateness(closing: now) == 0)
    }
  }

  @Test("Oversleeping within the tolerance is no stall")
  func tolerance() {
    var pacer = SchedulePacer(policy: .paced, start: 0)
    pacer.advance(to: 10 * Self.ms, nextClose: 10 * Self.ms - SchedulePacer.tolerance, blocked: false)
    #expect(pacer.scheduleTime == 10 * Self.ms)
    #expect(pacer.lateness(closing: 9 * Self.ms) == Self.ms, "lateness is told all the same")
  }

  @Test("After the worker's own stall the schedule runs at twice the speed until it meets real time")
  func ownStall() {
    var pacer = SchedulePacer(policy: .paced, start: 0)
    pacer.advance(to: 100 * Self.ms, nextClose: 40 * Self.ms, blocked: false)
    #expect(pacer.scheduleTime == 40 * Self.ms)
    #expect(pacer.lateness(closing: 40 * Self.ms) == 60 * Self.ms)
    #expect(pacer.realTime(reaching: 60 * Self.ms) == 110 * Self.ms)
    pacer.advance(to: 110 * Self.ms, nextClose: 60 * Self.ms, blocked: false)
    #expect(pacer.scheduleTime == 60 * Self.ms)
    pacer.advance(to: 160 * Self.ms, nextClose: 160 * Self.ms, blocked: false)
    #expect(pacer.scheduleTime == 160 * Self.ms, "60 ms behind takes 60 ms to catch up at 2 s per s")
    #expect(pacer.realTime(reaching: 200 * Self.ms) == 200 * Self.ms)
  }

  @Test("What a full in-flight cap took is not counted as the generator's lateness")
  func cappedDelay() {
    var pacer = SchedulePacer(policy: .paced, start: 0)
    pacer.advance(to: 10 * Self.ms, nextClose: 10 * Self.ms, blocked: false)
    pacer.advance(to: 60 * Self.ms, nextClose: 10 * Self.ms, blocked: true)
    #expect(pacer.scheduleTime == 10 * Self.ms)
    #expect(pacer.lateness(closing: 10 * Self.ms) == 0)
    pacer.advance(to: 70 * Self.ms, nextClose: 30 * Self.ms, blocked: false)
    #expect(pacer.scheduleTime == 30 * Self.ms)
    #expect(pacer.lateness(closing: 30 * Self.ms) == 0)
  }

  @Test("Only the time since a batch was due counts as taken by the cap")
  func cappedOnlySinceDue() {
    var pacer = SchedulePacer(policy: .burst, start: 0)
    pacer.advance(to: 100 * Self.ms, nextClose: 90 * Self.ms, blocked: true)
    #expect(pacer.cappedDelay == 10 * Self.ms)
  }

  @Test("burst: all that is due goes at once")
  func burst() {
    var pacer = SchedulePacer(policy: .burst, start: 0)
    pacer.advance(to: 500 * Self.ms, nextClose: 1, blocked: false)
    #expect(pacer.scheduleTime == 500 * Self.ms)
    #expect(pacer.lateness(closing: 1) == 500 * Self.ms - 1)
  }

  @Test("skip drops what is later than its bound, and only that")
  func skip() {
    var pacer = SchedulePacer(policy: .skip(after: .milliseconds(50)), start: 0)
    pacer.advance(to: 100 * Self.ms, nextClose: 10 * Self.ms, blocked: false)
    #expect(pacer.skips(50 * Self.ms - 1))
    #expect(!pacer.skips(50 * Self.ms))
  }

  @Test("The schedule's clock never runs ahead, back, or faster than twice real time", arguments: 0..<20)
  func invariants(seed: UInt64) {
    var random = SystemLikeRandom(state: seed)
    var pacer = SchedulePacer(policy: .paced, start: 0)
    var now: Int64 = 0
    var last = pacer.scheduleTime
    for _ in 0..<500 {
      let step = Int64(random.next() % 20_000_000)
      now += step
      let close = now - Int64(random.next() % 30_000_000) + 10_000_000
      pacer.advance(to: now, nextClose: close, blocked: random.next() % 3 == 0)
      #expect(pacer.scheduleTime <= now)
      #expect(pacer.scheduleTime >= last)
      #expect(pacer.cappedDelay >= 0)
      #expect(pacer.lateness(closing: close) >= 0)
      last = pacer.scheduleTime
    }
  }
}

/// SplitMix64, for repeatable test sequences.
struct SystemLikeRandom {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
