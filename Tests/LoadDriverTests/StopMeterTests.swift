import Testing

@testable import LoadDriver

/// What counts as a stop, by turns told by hand; a tick of a second, a bound of 5.
@Suite struct StopMeterTests {
  private func meter() -> StopMeter { StopMeter(bound: 5, start: 0) }

  @Test func aSleepThatLastsLongerThanWasAskedCountsBeyondTheBound() {
    var meter = meter()
    meter.slept(from: 0, until: 100, woke: 104, due: 100)
    meter.slept(from: 110, until: 200, woke: 260, due: 200)
    #expect(meter.take(at: 1_000, processor: 700).stops == [205..<260])
    #expect(meter.take(at: 2_000, processor: 0).stops == [])
  }

  @Test func nothingDueIsNoStop() {
    var meter = meter()
    meter.slept(from: 0, until: 100, woke: 900, due: nil)
    meter.slept(from: 900, until: 950, woke: 990, due: 990)
    #expect(meter.take(at: 1_000, processor: 0).stops == [])
  }

  @Test(
    "What the processor was used for was work, however long it took",
    arguments: [(100, [5..<200]), (900, [5..<100]), (995, []), (2_000, [])] as [(Int64, [Range<Int64>])])
  func workIsNoStop(processor: Int64, expected: [Range<Int64>]) {
    var meter = meter()
    meter.wanted(from: 0, to: 200)
    #expect(meter.take(at: 1_000, processor: processor).stops == expected)
  }

  @Test("Pieces too short for a stop add up to the time it was starved in", arguments: [(300, 200), (600, 0)])
  func starved(processor: Int64, expected: Int64) {
    var meter = meter()
    for start in stride(from: Int64(0), to: 500, by: 5) { meter.wanted(from: start, to: start + 5) }
    meter.slept(from: 500, until: 1_000, woke: 1_000, due: nil)
    let kept = meter.take(at: 1_000, processor: processor)
    #expect(kept.stops.isEmpty && kept.starved == expected)
  }

  @Test func ownSleepIsNoStopEither() {
    var meter = meter()
    meter.wanted(from: 0, to: 400)
    meter.slept(from: 400, until: 900, woke: 900, due: 900)
    // 1,000 less 500 asleep and 300 at work: half of the span was neither.
    #expect(meter.take(at: 1_000, processor: 300).stops == [5..<200])
  }
}
