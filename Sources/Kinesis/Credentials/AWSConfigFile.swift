/// The sections of an AWS credentials or config file.
///
/// Format: AWS SDKs and Tools Reference Guide, "Shared config and credentials files": `[name]` or `[profile name]`,
/// `key = value`, comments after `#` or `;`, indented lines as nested settings, which are not used here.
package struct AWSConfigFile {
  /// Settings by profile, as the headings name them without the word `profile`.
  package private(set) var profiles: [String: [String: String]] = [:]

  /// Reads a file. What is no section and no setting is passed over, as the AWS tools do.
  ///
  /// - Parameter isConfig: whether headings are those of the config file, where only `default` goes without the word
  ///   `profile`; those of the credentials file are names as they stand.
  package init(_ bytes: [UInt8], isConfig: Bool) {
    var profile: String?
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let first = line.first, first != "#", first != ";" else { continue }
      if first == "[" {
        profile = line.firstIndex(of: "]").flatMap { end in
          let heading = line[..<end].dropFirst()
          return isConfig ? Self.profile(heading: heading) : Self.trimmed(heading)
        }
        if let profile, profiles[profile] == nil { profiles[profile] = [:] }
        continue
      }
      guard let profile, !first.isWhitespace, let equals = line.firstIndex(of: "=") else { continue }
      let key = Self.trimmed(line[..<equals]).lowercased()
      profiles[profile, default: [:]][key] = Self.trimmed(Self.withoutComment(line[line.index(after: equals)...]))
    }
  }

  /// The profile a heading names; `nil` for headings of other things, such as `sso-session`.
  private static func profile(heading: Substring) -> String? {
    let words = heading.split(whereSeparator: \.isWhitespace)
    switch words.count {
    case 1 where words[0] == "default": return "default"
    case 2... where words[0] == "profile":
      let name = trimmed(heading.drop(while: \.isWhitespace).dropFirst("profile".count))
      return name.count > 1 && name.hasPrefix("\"") && name.hasSuffix("\"") ? String(name.dropFirst().dropLast()) : name
    default: return nil
    }
  }

  /// A comment within a line needs white space before its sign.
  private static func withoutComment(_ value: Substring) -> Substring {
    var previous: Character = "x"
    for index in value.indices {
      if value[index] == "#" || value[index] == ";", previous.isWhitespace { return value[..<index] }
      previous = value[index]
    }
    return value
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
