import Reporting
import Testing

@Suite struct ProgressLinesTests {
  private var burst: ProgressSnapshot {
    var snapshot = ProgressSnapshot()
    (snapshot.scenario, snapshot.phase, snapshot.phaseIndex, snapshot.phaseCount) = ("orders-replay", "burst", 2, 3)
    (snapshot.second, snapshot.elapsedSeconds, snapshot.totalSeconds) = (60, 62, 120)
    (snapshot.plannedPerSecond, snapshot.attemptedPerSecond, snapshot.acceptedPerSecond) = (20_500, 25_232, 20_127)
    snapshot.failureRatio = 0
    (snapshot.throttleRatio, snapshot.responseP50, snapshot.responseP99) = (0.2023, 11.4, 23.9)
    snapshot.worstShards = [
      .init(index: 13, throttleRatio: 0.621), .init(index: 18, throttleRatio: 0.51),
      .init(index: 14, throttleRatio: 0.27),
      .init(index: 2, throttleRatio: 0.1),
    ]
    (snapshot.throttledShardCount, snapshot.shardCount) = (6, 24)
    (snapshot.cpuRatio, snapshot.latenessP99) = (0.58, 0.9)
    return snapshot
  }

  @Test func threeLinesForATerminal() {
    #expect(
      ProgressLines.live(burst, columns: 80)
        == [
          "orders-replay  burst 2/3  [###########...........]  62/120 s  58 s left",
          "  plan 20.5k  attempted 25.2k  accepted 20.1k rec/s  throttled 20.2 %  p99 24 ms",
          "  hot 13 62 %, 18 51 %, 14 27 % (6 of 24)   generator cpu 58 %  late 0.9 ms  ok",
        ])
  }

  @Test func oneLineWhenNarrow() {
    #expect(ProgressLines.live(burst, columns: 59) == ["burst 62/120 s  25.2k/s  thr 20.2 %"])
    #expect(ProgressLines.live(burst, columns: 12) == ["burst 62/120"])
  }

  @Test func saysWhenItIsBehind() {
    var snapshot = burst
    snapshot.behindSeconds = 3
    #expect(ProgressLines.live(snapshot, columns: 100)[2].hasSuffix("BEHIND 3.0 s"))
  }

  @Test func isNeverOkByDefault() {
    var snapshot = burst
    snapshot.failureRatio = nil
    #expect(ProgressLines.live(snapshot, columns: 80)[2].hasSuffix("late 0.9 ms"))
    snapshot.isWaiting = true
    #expect(ProgressLines.live(snapshot, columns: 80)[2].hasSuffix("  no answer yet"))
    (snapshot.silentSeconds, snapshot.isCapped) = (4.7, true)
    #expect(ProgressLines.live(snapshot, columns: 80)[2].hasSuffix("  no answer for 4 s  capped"))
    #expect(ProgressLines.live(snapshot, columns: 58)[0].hasSuffix("  no answer for 4 s"))
    #expect(ProgressLines.log(snapshot).hasSuffix("behind_s= no_answer_s=4.7 capped=1"))
  }

  @Test func whatIsWrongStaysWhereNotEverythingHasRoom() {
    var snapshot = burst
    (snapshot.silentSeconds, snapshot.behindSeconds, snapshot.isCapped, snapshot.failureRatio) = (12, 11, true, 1)
    #expect(
      ProgressLines.live(snapshot, columns: 80)[2]
        == "  generator cpu 58 %  no answer for 12 s  BEHIND 11 s  capped  failing 100 %")
  }

  @Test func saysWhatFailsAndIsLost() {
    var snapshot = burst
    (snapshot.failureRatio, snapshot.lostPerSecond) = (0, 0)
    #expect(ProgressLines.live(snapshot, columns: 80)[2].hasSuffix("  ok"))
    (snapshot.failureRatio, snapshot.lostPerSecond) = (1, 20_000)
    let lines = ProgressLines.live(snapshot, columns: 80)
    #expect(lines[1].contains("lost 20k") && lines[2].hasSuffix("failing 100 %") && !lines[2].contains("  ok"))
    #expect(ProgressLines.log(snapshot).contains("failed_pct=100.00 lost_per_s=20000"))
    snapshot.behindSeconds = 3
    #expect(ProgressLines.live(snapshot, columns: 80)[2].hasSuffix("BEHIND 3.0 s  failing 100 %"))
  }

  @Test(arguments: [60, 70, 80, 200])
  func noLineIsWiderThanItsTerminal(_ columns: Int) {
    var snapshot = burst
    (snapshot.scenario, snapshot.phase) = (String(repeating: "long-name-", count: 9), "a phase with a long name\u{7}")
    (snapshot.plannedPerSecond, snapshot.totalSeconds) = (123_456_789, 86_400)
    for line in ProgressLines.live(snapshot, columns: columns) {
      #expect(line.count <= min(columns, 80))
      #expect(line.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 32 })
    }
  }

  @Test func oneLineForALog() {
    #expect(
      ProgressLines.log(burst)
        == "t=60 phase=burst plan=20500 attempted=25232 accepted=20127 throttled_pct=20.23 failed_pct=0.00 lost_per_s=0 "
        + "p50_ms=11.4 p99_ms=23.9 "
        + "worst=13:62.1 cpu_pct=58 late_p99_ms=0.9 behind_s= no_answer_s= capped=0")
  }

  @Test func fieldsKeepTheirOrderWhenNothingIsKnown() {
    let known = ProgressLines.log(burst).split(separator: " ").map { $0.split(separator: "=")[0] }
    let unknown = ProgressLines.log(ProgressSnapshot()).split(separator: " ").map { $0.split(separator: "=")[0] }
    #expect(known == unknown)
    #expect(ProgressLines.live(ProgressSnapshot(), columns: 80).count == 3)
  }
}
