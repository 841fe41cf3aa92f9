import Reporting

/// Draws the progress of a run; one queue owns it. Decides nothing about time: who ticks it, does.
///
/// That queue also writes the results, so lines are only offered: a terminal that is held, or a pipe that nobody reads,
/// misses some and holds up nothing.
struct ProgressDisplay: Sendable {
  private let mode: ProgressMode
  private let output: any TextOutput
  /// Live lines on the screen now.
  private var drawn = 0

  /// - Parameter output: standard error.
  init(mode: ProgressMode, output: any TextOutput) {
    self.mode = mode
    self.output = output
  }

  /// Shows a tick: redraws the live lines, or writes one log line.
  mutating func show(_ snapshot: ProgressSnapshot) {
    switch mode {
    case .silent: break
    case .log: output.offer(ProgressLines.log(snapshot, charset: output.charset) + "\n")
    case .live:
      let lines = ProgressLines.live(snapshot, columns: output.columns ?? 80, charset: output.charset)
      // One write, so that nothing flickers: up over the old lines, each new one cleared to its end.
      var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
      for line in lines { text += "\r\(line)\u{1B}[K\n" }
      if lines.count < drawn { text += "\u{1B}[J" }
      output.offer(text)
      drawn = lines.count
    }
  }

  /// Answers SIGUSR1: one log line in every mode, which stays on the screen.
  mutating func answer(_ snapshot: ProgressSnapshot) {
    erase()
    output.offer(ProgressLines.log(snapshot, charset: output.charset) + "\n")
  }

  /// Writes a warning, which stays on the screen.
  mutating func warn(_ text: String) {
    erase()
    output.writeLine("warning: \(text)")
  }

  /// Takes live lines off the screen, before anything else is written and at the end.
  mutating func erase() {
    guard drawn > 0 else { return }
    output.offer("\u{1B}[\(drawn)A\r\u{1B}[J")
    drawn = 0
  }
}
