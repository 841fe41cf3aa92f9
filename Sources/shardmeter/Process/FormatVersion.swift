import Observations
import RunResults
import Scenarios

/// A format that files of this version have, and what a later version may do to it.
struct FormatVersion: Sendable {
  /// What it is the format of.
  let name: String
  /// As the files say it themselves.
  let version: String
  /// The promise, without a final stop.
  let promise: String

  /// The answer to `--version`: the program on the first line, then what it was built for and what it reads and writes.
  static func answer(_ build: BuildInfo) -> String {
    var text = build.description + "\n" + "platform   " + BuildInfo.platform + "\n"
    for format in all {
      text += format.name + String(repeating: " ", count: max(1, 11 - format.name.count)) + format.version + "\n"
    }
    return text
  }

  /// Those that outlive a run.
  static let all: [FormatVersion] = [
    FormatVersion(
      name: "scenario", version: ScenarioSchema.version,
      promise: "a scenario that a version takes is taken by every later one and sends the same records, unless the "
        + "number behind the slash or the generator's is raised"),
    FormatVersion(
      name: "generator", version: String(Plan.generatorVersion),
      promise:
        "raised when a scenario and a seed would make other records; the plan's hash then differs, and comparisons say so"
    ),
    FormatVersion(
      name: "summary", version: Summary.schemaName,
      promise: "members are added without notice; the number is raised when one goes or changes its meaning, and "
        + "report and verify still read the one before"),
    FormatVersion(
      name: "CSV", version: "by header",
      promise: "columns are added at the end and never change their meaning: read them by name"),
    FormatVersion(
      name: "baseline", version: Baseline.schemaName,
      promise: "the number is raised when a member goes or changes its meaning; a baseline of another number is refused"
    ),
    FormatVersion(
      name: "journal", version: "shardmeter.journal/\(Journal.format)",
      promise: "for report after a crash, by the version that wrote it; another one is refused, and the CSV files stay "
        + "what they are"),
  ]
}
