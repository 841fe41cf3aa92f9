/// The scenarios that the program brings along: those of the repository's folder `scenarios`.
enum BuiltInScenarios {
  /// Their names, sorted.
  static var names: [String] { files.map(\.name) }

  /// The names in lines of at most 80 columns, for the help.
  static var list: String {
    var lines = [""]
    for (index, name) in names.enumerated() {
      let word = index + 1 < names.count ? name + "," : name
      if lines[lines.count - 1].count + 1 + word.count > 78 { lines.append("") }
      lines[lines.count - 1] += lines[lines.count - 1].isEmpty ? "  " + word : " " + word
    }
    return lines.joined(separator: "\n")
  }

  /// A scenario's file by its name, which is the file's without `.json`.
  static func text(named name: String) -> String? { files.first { $0.name == name }?.text }
}
