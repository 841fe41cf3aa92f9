/// The command line as a report may show it: ready to paste into a shell, without anything secret.
enum MaskedCommandLine {
  /// What stands in place of a secret.
  static let mask = "****"

  /// - Parameters:
  ///   - program: the name to begin with.
  ///   - arguments: the words as they came.
  ///   - commands: the tables that say which options' values are secret.
  /// - Returns: the words, quoted for a shell where they need it; the values of secret options, user and password in
  ///   URLs, and account numbers in ARNs are masked.
  static func text(program: String, arguments: [String], commands: [Command] = CommandRegistry.standard.commands)
    -> String
  {
    let secrets = Set(commands.flatMap { $0.line.options }.filter(\.isSecret).map(\.name))
    var words = [program]
    var masksNext = false
    for argument in arguments {
      if masksNext {
        words.append(mask)
        masksNext = false
        continue
      }
      if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if secrets.contains(String(parts[0])) {
          words.append(parts.count == 2 ? "--\(parts[0])=\(mask)" : argument)
          masksNext = parts.count == 1
          continue
        }
      }
      words.append(quoted(withoutAccount(withoutUser(argument))))
    }
    return words.joined(separator: " ")
  }

  /// Masks what stands between `://` and `@` of a URL's authority.
  private static func withoutUser(_ word: String) -> String {
    guard let scheme = word.firstRange(of: "://") else { return word }
    let rest = word[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return word }
    return word[..<scheme.upperBound] + mask + rest[at...]
  }

  /// Masks the account, the fifth field of `arn:partition:service:region:account:resource`.
  private static func withoutAccount(_ word: String) -> String {
    guard let start = word.firstRange(of: "arn:") else { return word }
    var fields = word[start.lowerBound...].split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 6, !fields[4].isEmpty else { return word }
    fields[4] = Substring(mask)
    return word[..<start.lowerBound] + fields.joined(separator: ":")
  }

  /// Quotes a word as a POSIX shell wants it, only when it needs quotes.
  private static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:=,@%+*".utf8.contains($0)
      }
    }
    if plain && !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
