/// The values of `--color`.
enum ColourChoice: String, Sendable, CaseIterable {
  case auto, always, never
}

/// Whether a stream gets colour.
enum ColourPolicy {
  /// Decides in the order the conventions ask for: `--color`, then `TERM=dumb`, then `NO_COLOR`, then
  /// `CLICOLOR_FORCE` and `FORCE_COLOR`, then whether the stream is a terminal.
  ///
  /// A variable counts as set when it is not empty (no-color.org); a forcing one is off when it is `0`.
  static func isOn(_ choice: ColourChoice, environment: [String: String], isTerminal: Bool) -> Bool {
    switch choice {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if environment["TERM"] == "dumb" { return false }
    if !(environment["NO_COLOR"] ?? "").isEmpty { return false }
    for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
      if let value = environment[name], !value.isEmpty, value != "0" { return true }
    }
    return isTerminal
  }
}
