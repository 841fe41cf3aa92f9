import Foundation
import Measurement
import Testing

@testable import shardmeter

/// What is shown while a long trace is read.
struct ReadingProgressTests {
  /// A mode with the seconds at which a piece is read, and what is written.
  private struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let mode: ProgressMode
    let pieces: [Double]
    let written: String
  }

  private static let cases = [
    Case(testDescription: "nothing within a second", mode: .live, pieces: [0, 0.5, 0.99], written: ""),
    Case(
      testDescription: "a line redrawn four times a second, erased at the end", mode: .live,
      pieces: [0.5, 1, 1.1, 1.25],
      written: "\rreading t.csv: 1 of 4 MiB, 25 %\u{1B}[K\rreading t.csv: 3 of 4 MiB, 75 %\u{1B}[K\r\u{1B}[K"),
    Case(
      testDescription: "a log line at an interval", mode: .log(every: .seconds(10)), pieces: [1, 9.9, 10, 19, 20],
      written: "reading t.csv: 2 of 4 MiB, 50 %\nreading t.csv: 4 of 4 MiB, 100 %\n"),
    Case(testDescription: "silence", mode: .silent, pieces: [1, 10, 100], written: ""),
  ]

  @Test(arguments: cases.indices)
  func showsWhatTakesLong(_ index: Int) {
    let row = Self.cases[index]
    let output = CapturedOutput()
    let clock = ManualClock()
    let progress = ReadingProgress(mode: row.mode, output: output, clock: clock)
    for (number, second) in row.pieces.enumerated() {
      clock.set(to: Instant(nanoseconds: Int64(second * 1e9)))
      progress.note("t.csv", read: Int64(number) * 1_048_576, of: 4 * 1_048_576)
    }
    progress.erase()
    #expect(output.text == row.written)
  }

  @Test func aNameActsOnNoTerminalAndALengthMayBeUnknown() {
    #expect(ReadingProgress.text("a\u{1B}[2Jb", read: 3 << 20, of: nil) == #"reading a\x1b[2Jb: 3 MiB"#)
    #expect(ReadingProgress.text(String(repeating: "x", count: 500), read: 1 << 60, of: 1 << 62).count <= 80)
  }

  /// Bytes of the file count, not what comes out of it: a compressed trace ends at its own length too.
  @Test(arguments: ["trace.csv", "trace.csv.gz"])
  func readsAFileToItsEnd(_ name: String) throws {
    let scratch = try Scratch()
    let text = "t_s,key,size\n" + String(repeating: "0,k,1\n", count: 100_000)
    let path = try scratch.file("trace.csv", text)
    if name.hasSuffix(".gz") {
      let gzip = Process()
      gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      gzip.arguments = ["gzip", path]
      try gzip.run()
      gzip.waitUntilExit()
    }
    let clock = ManualClock()
    let output = CapturedOutput()
    let progress = ReadingProgress(mode: .log(every: .milliseconds(1)), output: output, clock: clock)
    var bytes = 0
    try ScenarioFileReader(scenario: scratch.path + "/scenario.json", progress: progress).read(name) { piece in
      bytes += piece.count
      clock.advance(by: .seconds(2))
      return true
    }
    #expect(bytes == text.utf8.count)
    let last = try #require(output.text.split(separator: "\n").last)
    #expect(last.hasPrefix("reading \(name): ") && last.hasSuffix("100 %"))
  }
}
