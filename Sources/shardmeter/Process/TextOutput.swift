import Measurement
import Reporting

/// Somewhere text goes: standard output, standard error, or a test's memory.
protocol TextOutput: Sendable {
  /// Whether a person is looking at it.
  var isTerminal: Bool { get }
  /// Whether whoever reads it takes characters beyond ASCII, by the locale.
  var takesUnicode: Bool { get }
  /// Width of the terminal in columns; nil when it is none or does not say.
  var columns: Int? { get }
  /// Writes all of the text; a reader that went away is not an error.
  func write(_ text: String)
  /// Writes the text, or nothing where its reader does not keep up.
  func offer(_ text: String)
}

extension TextOutput {
  /// Writes the text, which may hold words from outside, and a line feed: of what a terminal would obey only line feeds are
  /// left.
  func writeLine(_ text: String) { write(VisibleText.lines(text, isASCII: !takesUnicode) + "\n") }
  /// What it shows of foreign text.
  var charset: TerminalCharset { takesUnicode ? .unicode : .ascii }
  /// Writes the text: most outputs always keep up.
  func offer(_ text: String) { write(text) }
}

/// An output that is taken to be at most so many columns wide.
struct NarrowedOutput: TextOutput {
  let output: any TextOutput
  /// Columns.
  let limit: Int

  var isTerminal: Bool { output.isTerminal }
  var takesUnicode: Bool { output.takesUnicode }
  var columns: Int? { min(output.columns ?? 80, limit) }
  func write(_ text: String) { output.write(text) }
  func offer(_ text: String) { output.offer(text) }
}
