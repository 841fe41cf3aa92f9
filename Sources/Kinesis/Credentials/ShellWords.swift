/// Splits a command line into words without a shell: what Python's `shlex.split` does, by which botocore splits a
/// `credential_process` (`compat.py`, `compat_shell_split`).
///
/// White space separates; single quotes keep everything; double quotes keep everything but a backslash before `"` or `\`;
/// a backslash outside quotes keeps the next character. There are no variables, globs, pipes or comments.
package enum ShellWords {
  /// The words; nil when a quote is not closed or the text ends with a backslash.
  package static func split(_ text: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var rest = text.unicodeScalars.makeIterator()
    while let scalar = rest.next() {
      switch scalar {
      case " ", "\t", "\r", "\n":
        if let done = word { words.append(done) }
        word = nil
      case "\\":
        guard let kept = rest.next() else { return nil }
        word = (word ?? "") + String(kept)
      case "'", "\"":
        guard let quoted = quoted(by: scalar, &rest) else { return nil }
        word = (word ?? "") + quoted
      default:
        word = (word ?? "") + String(scalar)
      }
    }
    if let done = word { words.append(done) }
    return words
  }

  private static func quoted(
    by quote: Unicode.Scalar, _ rest: inout String.UnicodeScalarView.Iterator
  ) -> String? {
    var text = String.UnicodeScalarView()
    while let scalar = rest.next() {
      if scalar == quote { return String(text) }
      guard scalar == "\\", quote == "\"" else {
        text.append(scalar)
        continue
      }
      guard let next = rest.next() else { return nil }
      if next != "\"" && next != "\\" { text.append(scalar) }
      text.append(next)
    }
    return nil
  }
}
