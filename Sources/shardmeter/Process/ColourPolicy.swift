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

/// Whether text may have characters beyond ASCII.
enum LocalePolicy {
  /// Decides as setlocale(3) does for LC_CTYPE: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is not empty, whose codeset
  /// is UTF-8 under either of its spellings; without any of them the locale is C.
  static func takesUnicode(_ environment: [String: String]) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }
}
