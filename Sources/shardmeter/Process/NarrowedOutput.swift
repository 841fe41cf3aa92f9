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
