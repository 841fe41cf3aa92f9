import Dispatch
import Measurement
import Reporting
import Testing

@testable import shardmeter

@Suite struct ProgressTests {
  @Test(
    arguments: [
      (.automatic, false, true, [:], .live), (.automatic, false, false, [:], .log(every: ProgressMode.logInterval)),
      (.automatic, false, true, ["TERM": "dumb"], .log(every: ProgressMode.logInterval)),
      (.automatic, false, true, ["CI": "true"], .log(every: ProgressMode.logInterval)),
      (.automatic, false, true, ["CI": ""], .live), (.automatic, true, true, [:], .silent),
      (.none, false, true, [:], .silent), (.every(Nanoseconds(5)), false, true, [:], .log(every: Nanoseconds(5))),
      (.every(Nanoseconds(5)), true, false, [:], .silent),
    ] as [(RunOptions.ProgressChoice, Bool, Bool, [String: String], ProgressMode)])
  func theModeFollowsStreamAndSwitches(
    choice: RunOptions.ProgressChoice, isQuiet: Bool, isTerminal: Bool, environment: [String: String],
    expected: ProgressMode
  ) {
    #expect(
      ProgressMode.choose(choice, isQuiet: isQuiet, isTerminal: isTerminal, environment: environment) == expected)
  }

  @Test func liveLinesAreRedrawnInPlaceAndErased() {
    let output = CapturedOutput(isTerminal: true, columns: 80)
    var display = ProgressDisplay(mode: .live, output: output)
    display.show(ProgressSnapshot())
    let first = output.text
    #expect(first.filter { $0 == "\n" }.count == 3 && !first.hasPrefix("\u{1B}"))
    display.show(ProgressSnapshot())
    #expect(output.text == first + "\u{1B}[3A" + first)
    display.erase()
    display.erase()
    #expect(output.text == first + "\u{1B}[3A" + first + "\u{1B}[3A\r\u{1B}[J")
  }

  @Test(
    arguments: [
      (nil, nil, nil), ("50", nil, 50), ("50", 120, 50), ("200", 120, 120), ("200", nil, 80), ("0", 120, 120),
      ("wide", 120, 120),
    ] as [(String?, Int?, Int?)])
  func theVariableForColumnsOnlyNarrows(variable: String?, terminal: Int?, expected: Int?) {
    var context = CommandRun.context(["run"], environment: variable.map { ["COLUMNS": $0] } ?? [:])
    context.standardError = CapturedOutput(isTerminal: true, columns: terminal)
    #expect(context.narrowed(context.standardError).columns == expected)
  }

  @Test func anAnsweredLineStaysAboveTheLiveOnes() {
    let output = CapturedOutput(isTerminal: true, columns: 80)
    var display = ProgressDisplay(mode: .live, output: output)
    display.show(ProgressSnapshot())
    display.answer(ProgressSnapshot())
    #expect(output.text.hasSuffix("\u{1B}[3A\r\u{1B}[J" + ProgressLines.log(ProgressSnapshot()) + "\n"))
  }

  @Test func aLogHasNoControlCodesAndSilenceNothing() {
    let log = CapturedOutput()
    var display = ProgressDisplay(mode: .log(every: Nanoseconds(1)), output: log)
    display.show(ProgressSnapshot())
    display.erase()
    #expect(log.text == ProgressLines.log(ProgressSnapshot()) + "\n")
    let nothing = CapturedOutput()
    var silent = ProgressDisplay(mode: .silent, output: nothing)
    silent.show(ProgressSnapshot())
    silent.erase()
    #expect(nothing.text.isEmpty)
    silent.answer(ProgressSnapshot())
    #expect(nothing.text == log.text)
  }

  @Test func aTickerTicksUntilItIsCancelled() {
    let ticked = DispatchSemaphore(value: 0)
    let ticker = Ticker(every: .milliseconds(1)) { ticked.signal() }
    for _ in 0..<3 { #expect(ticked.wait(timeout: .now() + .seconds(20)) == .success) }
    ticker.cancel()
    while ticked.wait(timeout: .now()) == .success {}
    #expect(ticked.wait(timeout: .now() + .milliseconds(20)) == .timedOut)
  }
}
