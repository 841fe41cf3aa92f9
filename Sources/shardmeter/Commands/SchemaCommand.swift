import RunResults
import Scenarios
import StrictJSON

/// `shardmeter schema`.
enum SchemaCommand {
  /// What follows `schema`.
  struct Options: Sendable {
    /// The schema of results instead of scenarios.
    var isOfSummary = false
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    groups: [
      .init("Schema", [.flag("summary", help: "the schema of a run's summary.json instead", \.isOfSummary)])
    ])

  static let command: Command = Command(
    "schema", abstract: "print the JSON Schema of scenarios, or of summary.json", discussion: discussion, table: table,
    defaults: Options()
  ) { options, context in
    let schema = options.isOfSummary ? Summary.fileSchema : ScenarioSchema.json
    context.standardOutput.writeLine(JSONWriter.pretty(schema))
    return .ok
  }

  private static let discussion = """
    The schema (draft 2020-12) has every field with its unit, default and meaning. A
    scenario that begins with "$schema": "FILE" is completed and checked by editors
    that know JSON Schema.
    """
}
