import Measurement
import RunResults
import Scenarios
import StrictJSON

/// The changes that `--scale` and `--duration` make to a scenario, as changes of its fields: so the resolved scenario
/// in the result folder says what was run.
enum ScenarioChanges {
  /// `--scale`: every rate times the factor; closed phases and traces have none.
  ///
  /// - Throws: `CommandFailure` 2 when there is no rate to change.
  static func scaling(_ draft: ScenarioDraft, by factor: Double) throws -> [SetOption] {
    var changes: [SetOption] = []
    let phases = try draft.phases()
    for (index, phase) in phases.enumerated() {
      guard let rule = phase.rate, let rate = json(rule, isInBytes: phase.isInBytes, factor: factor) else { continue }
      changes.append(
        try SetOption(
          "phases[\(index)].rate=\(JSONWriter.compact(rate))", of: "--scale \(JSONNumberText.text(of: factor))"))
    }
    guard !changes.isEmpty else {
      let isTrace = try draft.isTrace()
      if phases.isEmpty, !isTrace { return [] }
      let advice = isTrace ? "; \(traceAdvice)" : ""
      throw CommandFailure("--scale: no phase of \(try draft.name()) has a rate of its own\(advice)", code: .usage)
    }
    return changes
  }

  /// `--duration`: every phase's length times one factor, so that all together last as long as asked; periods within a
  /// rate stay as written.
  ///
  /// - Throws: `CommandFailure` 2 when a phase would become shorter than a millisecond, or a trace has none written.
  static func stretching(_ draft: ScenarioDraft, to duration: Nanoseconds) throws -> [SetOption] {
    let phases = try draft.phases()
    guard !phases.isEmpty else {
      // Phases that are missing are the whole document's to name.
      guard try draft.isTrace() else { return [] }
      throw CommandFailure(
        "--duration: the trace of \(try draft.name()) says how long it takes; \(traceAdvice)", code: .usage)
    }
    // At most a thousand phases of a month each, by the language.
    let total = phases.reduce(0) { $0 + $1.duration }
    var changes: [SetOption] = []
    var before: Int64 = 0
    var end: Int64 = 0
    for (index, phase) in phases.enumerated() {
      before += phase.duration
      // Ends are rounded, not lengths: the phases then sum to what was asked.
      let next = Int64(Int128(duration.value) * Int128(before) / Int128(total))
      guard next - end >= 1_000_000 else {
        throw CommandFailure(
          "--duration \(UnitText.duration(duration.value)): phase \(JSONNode.quoted(phase.name)) would be shorter than 1ms",
          code: .usage)
      }
      changes.append(
        try SetOption(
          "phases[\(index)].duration=\(UnitText.duration(next - end))",
          of: "--duration \(UnitText.duration(duration.value))"))
      end = next
    }
    return changes
  }

  private static let traceAdvice = "a trace is sped up with --set records.trace.speed=2"

  /// A rate times a factor; nil for a closed phase.
  private static func json(_ rule: RateRule, isInBytes: Bool, factor: Double) -> JSONValue? {
    // Twelve digits: 0.1 times 3 is written 0.3.
    func scaled(_ rate: Double) -> JSONValue {
      let value = rate * factor
      guard value > 0 else { return 0 }
      var unit = 1.0
      while value * unit < 1e11 { unit *= 10 }
      let rounded = (value * unit).rounded() / unit
      return Int64(exactly: rounded).map { .integer($0) } ?? .number(rounded)
    }
    var members: [(String, JSONValue)]
    switch rule {
    case .max, .trace: return nil
    case .constant(let rate): members = [("type", "constant"), (isInBytes ? "bytes" : "records", scaled(rate))]
    case .line(let from, let to): members = [("type", "line"), ("from", scaled(from)), ("to", scaled(to))]
    case .steps(let values, let each):
      members = [
        ("type", "steps"), ("values", .array(values.map(scaled))), ("each", .string(UnitText.duration(each))),
      ]
    case .sine(let mean, let amplitude, let period):
      members = [
        ("type", "sine"), ("mean", scaled(mean)), ("amplitude", scaled(amplitude)),
        ("period", .string(UnitText.duration(period))),
      ]
    case .square(let low, let high, let period, let duty):
      members = [
        ("type", "square"), ("low", scaled(low)), ("high", scaled(high)),
        ("period", .string(UnitText.duration(period))), ("duty", .number(duty)),
      ]
    }
    if isInBytes, members[0].1 != "constant" { members.append(("unit", "bytes")) }
    return .object(members)
  }
}
