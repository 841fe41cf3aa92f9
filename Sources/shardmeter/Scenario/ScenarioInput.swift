import FoundationEssentials
import Kinesis
import RunResults
import Scenarios
import StrictJSON

/// The scenario a command was given, with the command line's changes applied.
struct ScenarioInput {
  /// What is planned.
  let scenario: Scenario
  /// What messages call the place it was read from.
  let name: String
  /// The file that says what shards there are: that of `--shard-map`, else the scenario's; nil: even ones are declared.
  let shardMapFile: String?
  /// The document with the changes so far, and the scenario of any such document, on its own shards or on others.
  let draft: ScenarioDraft
  private let make: (ScenarioDraft, ShardMap?) throws(JSONFailure) -> Scenario

  /// The scenario with more fields changed.
  func changed(_ changes: [SetOption]) throws(JSONFailure) -> Scenario {
    try changed(by: changes).scenario
  }

  /// The same with more fields changed.
  func changed(by changes: [SetOption]) throws(JSONFailure) -> ScenarioInput {
    var draft = draft
    for change in changes { try draft.apply(change) }
    return ScenarioInput(
      scenario: try make(draft, nil), name: name, shardMapFile: shardMapFile, draft: draft, make: make)
  }

  /// The scenario on other shards than it declares.
  func onShards(_ map: ShardMap) throws(JSONFailure) -> Scenario { try make(draft, map) }

  /// Reads and checks a scenario.
  ///
  /// Changes apply in this order: `--set` and `--seed`, `--read-back`, `--shard-map`, `--duration`, `--scale`.
  ///
  /// - Parameters:
  ///   - options: passed ``ScenarioOptions/validate(command:)``.
  ///   - carriesIdentity: whether records must be found again, whatever the scenario says.
  ///   - progress: shows how far a long file has been read.
  /// - Throws: `CommandFailure` 2 when there is nothing to read, `JSONFailure` for what is wrong in it.
  static func load(
    _ options: ScenarioOptions, carriesIdentity: Bool = false, progress: ReadingProgress? = nil
  ) throws -> ScenarioInput {
    do {
      return try read(options, carriesIdentity: carriesIdentity, progress: progress)
    } catch let failure as JSONFailure {
      throw options.source == nil ? options.flags.naming(failure) : failure
    }
  }

  private static func read(
    _ options: ScenarioOptions, carriesIdentity: Bool, progress: ReadingProgress?
  ) throws -> ScenarioInput {
    let (bytes, source) = try read(options)
    let files = ScenarioFileReader(scenario: options.source ?? "-", progress: progress)
    var draft = try ScenarioDraft(bytes: bytes, source: source)
    for setting in options.settings { try draft.apply(SetOption(setting)) }
    if let seed = options.seed { try draft.apply(SetOption("seed=\(seed)", of: "--seed \(seed)")) }
    if carriesIdentity { try draft.apply(SetOption("records.identity=true", of: "--read-back")) }
    let map = try options.shardMap.map(ShardMapFile.read) ?? options.made?.shards.map { try ShardMap(shards: $0) }
    if let duration = options.duration, options.source != nil {
      for change in try ScenarioChanges.stretching(draft, to: duration) { try draft.apply(change) }
    }
    if let factor = options.scale {
      for change in try ScenarioChanges.scaling(draft, by: factor) { try draft.apply(change) }
    }
    let make: (ScenarioDraft, ShardMap?) throws(JSONFailure) -> Scenario = { (draft, other) throws(JSONFailure) in
      try draft.scenario(files: files, map: other ?? map)
    }
    let scenario = try make(draft, nil)
    return ScenarioInput(
      scenario: scenario, name: source, shardMapFile: options.shardMap ?? scenario.shardMapPath.map(files.resolved),
      draft: draft, make: make)
  }

  /// The most bytes of a scenario's document; what it names is bounded apart.
  private static let largest = 64 << 20

  private static func read(_ options: ScenarioOptions) throws -> (bytes: [UInt8], source: String) {
    if let made = options.made { return (made.document, options.source ?? "scenario") }
    guard let source = options.source else {
      let document = options.flags.document(duration: options.duration)
      return (Array(JSONWriter.compact(document).utf8), WorkloadFlags.source)
    }
    do throws(FileReader.Failure) {
      if source == "-" { return (try FileReader.standardInput(atMost: largest), "standard input") }
      return (try FileReader.read(source, atMost: largest), source)
    } catch {
      guard error.isMissing else {
        let name = source == "-" ? "standard input" : source
        throw CommandFailure("\(name) cannot be read as a scenario file: \(error)", code: .usage)
      }
    }
    if let text = BuiltInScenarios.text(named: source) { return (Array(text.utf8), "built-in \(source)") }
    let near = nearestWord(to: source, in: BuiltInScenarios.names).map { "; did you mean \($0)?" } ?? ""
    throw CommandFailure("no scenario file and no built-in scenario \(source)\(near)", code: .usage)
  }
}
