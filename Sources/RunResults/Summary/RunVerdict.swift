/// The one word a run ends with: the report's first, the terminal's last.
package enum RunVerdict: String, Sendable, CaseIterable {
  /// Every threshold holds, and the run may be quoted.
  case pass
  /// The run may be quoted, and no threshold was set that could judge it.
  case none
  /// A threshold failed or could not be judged.
  case fail
  /// The generator was the bottleneck, or nothing was measured: no number may be quoted.
  case invalid
  /// Stopped before its plan was done.
  case incomplete

  /// The word that people read: `PASS`, `DONE` and so on.
  package var word: String { self == .none ? "DONE" : rawValue.uppercased() }
}
