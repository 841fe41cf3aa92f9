import Measurement
import Observations
import StrictJSON

/// What a journal's header says of a run beyond its layout and scenario: what results hand on, how keys are to be called,
/// and the thresholds.
struct JournalDescription {
  let description: RunDescription
  let thresholds: [Threshold]
  let keys: KeyNames.Mode

  init(_ description: RunDescription, thresholds: [Threshold], keys: KeyNames.Mode) {
    self.description = description
    self.thresholds = thresholds
    self.keys = keys
  }

  /// The header's bytes: the description as JSON, then the thresholds to the bit.
  var bytes: [UInt8] {
    var bytes = JournalBytes()
    bytes.append(Facts(description, keys: keys).fileText)
    bytes.append(thresholds) { bytes, threshold in
      bytes.append(threshold.metric.name)
      bytes.append(threshold.min) { $0.append($1) }
      bytes.append(threshold.max) { $0.append($1) }
      bytes.append(threshold.phase) { $0.append($1) }
      bytes.append(threshold.perShard)
      bytes.append(threshold.window) { $0.append($1.value) }
      bytes.append(threshold.minSamples)
      bytes.append(threshold.abortAfter) { $0.append($1.value) }
    }
    return bytes.bytes
  }

  /// Reads a header's description.
  init(_ header: Journal.Header) throws(JournalFailure) {
    var cursor = JournalCursor(header.description[...])
    let text = try cursor.string()
    let facts: Facts
    do throws(JSONFailure) {
      facts = try Facts(json: JSONDocument.parse(Array(text.utf8), source: Journal.fileName))
    } catch {
      throw JournalFailure("its description is not one: \(error)")
    }
    thresholds = try cursor.array { (cursor) throws(JournalFailure) in
      func time(_ cursor: inout JournalCursor) throws(JournalFailure) -> Nanoseconds? {
        try cursor.optional { (cursor) throws(JournalFailure) in Nanoseconds(try cursor.time()) }
      }
      func bound(_ cursor: inout JournalCursor) throws(JournalFailure) -> Double? {
        try cursor.optional { (cursor) throws(JournalFailure) in try cursor.double() }
      }
      let name = try cursor.string()
      guard let metric = Metric(name: name) else { throw JournalFailure("there is no metric \(name)") }
      var threshold = Threshold(metric: metric)
      threshold.min = try bound(&cursor)
      threshold.max = try bound(&cursor)
      threshold.phase = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.string() }
      threshold.perShard = try cursor.bool()
      threshold.window = try time(&cursor)
      threshold.minSamples = try cursor.int()
      threshold.abortAfter = try time(&cursor)
      return threshold
    }
    keys = KeyNames.Mode(rawValue: facts.keys) ?? .hash
    var described = RunDescription(
      runID: header.runID, start: WallTime(microsecondsSinceEpoch: facts.startMicroseconds),
      scenario: facts.scenario, tool: facts.tool, target: facts.target, machine: facts.machine,
      scenarioFile: header.scenario, warnings: facts.warnings)
    if let hash = header.planHash { described.scenario?.planSHA256 = hash }
    description = described
  }

  private struct Facts: SummarySection {
    var startMicroseconds: Int64 = 0
    var keys = KeyNames.Mode.hash.rawValue
    var scenario: SummaryScenario?
    var tool = SummaryTool()
    var target = SummaryTarget()
    var machine: SummaryMachine?
    var warnings: [String] = []

    init() {}

    init(_ description: RunDescription, keys: KeyNames.Mode) {
      startMicroseconds = description.start.microsecondsSinceEpoch
      self.keys = keys.rawValue
      scenario = description.scenario
      tool = description.tool
      target = description.target
      machine = description.machine
      warnings = description.warnings
    }

    mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
      try visitor.member("start_us", &startMicroseconds)
      try visitor.member("keys", &keys)
      try visitor.member("scenario", &scenario)
      try visitor.member("tool", &tool)
      try visitor.member("target", &target)
      try visitor.member("machine", &machine)
      try visitor.member("warnings", &warnings)
    }

    var fileText: String { JSONWriter.pretty(json(decimals: 6)) }
  }
}
