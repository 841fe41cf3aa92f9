import LocalKinesis
import Observations

/// What `target` and `observe` are told about observing a producer.
struct ObservingOptions: Sendable {
  /// The parent of the result folder.
  var resultsFolder: String?
  /// The exact folder.
  var runFolder: String?
  /// Where a record's identifier is in its data.
  var recordID: JSONPointer?

  /// Whether results are to be written.
  var wantsFolder: Bool { resultsFolder != nil || runFolder != nil }

  /// How the observer is to work.
  ///
  /// - Parameter keys: what may be shown of keys; nil: their hashes.
  func settings(keys: KeyNames.Mode?) -> ObserverSettings {
    var settings = ObserverSettings()
    settings.recordID = recordID
    settings.keys = keys ?? .hash
    return settings
  }

  /// - Throws: ``UsageError`` for options that exclude each other.
  func validate(command: String) throws(UsageError) {
    if resultsFolder != nil, runFolder != nil {
      throw UsageError("--out and --run-dir exclude each other: the second names the folder itself", command: command)
    }
  }
}

extension OptionTable.Group {
  /// `--out`, `--run-dir`, `--record-id`.
  static func observing(
    _ part: any WritableKeyPath<Values, ObservingOptions> & Sendable
  ) -> OptionTable<Values>.Group {
    let options: [Option<ObservingOptions>] = [
      .value(
        "out", "DIR", help: "the parent of the folder with what was seen of the producer", completion: .folder,
        \.resultsFolder, OptionValue.text("a folder")),
      .value(
        "run-dir", "DIR", help: "that folder itself; refused when not empty", completion: .folder, \.runFolder,
        OptionValue.text("a folder")),
      .value(
        "record-id", "POINTER",
        help: "a record is the same when this field of its JSON data is, as /event/id (default: its whole content)",
        \.recordID, pointer),
    ]
    return .init("What is seen of the producer", options.map { $0.within(part) })
  }

  @Sendable private static func pointer(_ word: String) throws(ValueProblem) -> JSONPointer? {
    guard let pointer = JSONPointer(word) else {
      throw ValueProblem(expected: "a JSON pointer that begins with a slash, as /event/id")
    }
    return pointer
  }
}
