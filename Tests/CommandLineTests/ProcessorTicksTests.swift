import Testing

@testable import shardmeter

/// What the kernel tells of the processors' time.
@Suite struct ProcessorTicksTests {
  @Test func theFirstLineCounts() throws {
    let ticks = try #require(
      ProcessorTicks(procStat: "cpu  100 20 30 400 50 6 7 80 9 1\ncpu0 1 2 3 4 5 6 7 8 9 1\n"))
    #expect((ticks.total, ticks.busy, ticks.stolen) == (693, 163, 80))
    #expect(ProcessorTicks(procStat: "cpu 1 2 3 4 5 6 7 8")?.total == 36)
  }

  @Test(
    "An unknown table is no table",
    arguments: [
      "", "\n", "cpu\n", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6 7\n", "cpu 1 2 3 4 5 6 7 x\n",
      "cpu -1 2 3 4 5 6 7 8\n",
      "cpu 18446744073709551615 1 1 1 1 1 1 1\n",
    ])
  func foreignTable(_ text: String) {
    #expect(ProcessorTicks(procStat: text) == nil)
  }

  @Test(
    arguments: [
      ("cpu 100 0 0 850 0 0 0 50", "cpu 150 0 0 900 0 0 0 100", 0.333, 0.333),
      ("cpu 100 0 0 850 0 0 0 50", "cpu 100 0 0 950 0 0 0 50", 0, 0),
      ("cpu 100 0 0 850 0 0 0 50", "cpu 90 0 0 960 0 0 0 40", 0, 0),
      ("cpu 100 0 0 850 0 0 0 50", "cpu 100 0 0 850 0 0 0 150", 0, 1),
      ("cpu 100 0 0 850 0 0 0 50", "cpu 100 0 0 850 0 0 0 50", nil, nil),
      ("cpu 100 0 0 850 0 0 0 50", "cpu 100 0 0 800 0 0 0 50", nil, nil),
    ] as [(String, String, Double?, Double?)])
  func sharesAreOfTheTimeThatPassed(_ before: String, _ after: String, _ busy: Double?, _ stolen: Double?) throws {
    let (before, after) = (
      try #require(ProcessorTicks(procStat: before)), try #require(ProcessorTicks(procStat: after))
    )
    func rounded(_ share: Double?) -> Double? { share.map { ($0 * 1_000).rounded() / 1_000 } }
    #expect(rounded(after.busyShare(since: before)) == busy)
    #expect(rounded(after.stolenShare(since: before)) == stolen)
  }

  @Test func thisMachineIsKnown() throws {
    #expect(try #require(ProcessorTicks.now()).total > 0)
    var noise = MachineNoise()
    noise.finish()
    #expect(noise.spoiled(knowsOthers: false, isBound: true) == "a generator that could not keep up")
  }
}
