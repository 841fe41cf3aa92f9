import Kinesis
import Measurement
import StrictJSON

/// A scenario's document, read once: changes are made to it before anything that it names is read, and the scenario is
/// made of it when they are done.
package struct ScenarioDraft: Sendable {
  private var root: JSONNode

  /// A phase as far as the document alone tells.
  package struct Phase: Sendable, Equatable {
    /// As written.
    package let name: String
    /// Nanoseconds, a millisecond at least.
    package let duration: Int64
    /// Nil where none is written: that of a trace.
    package let rate: RateRule?
    /// Whether the rate's numbers are bytes per second.
    package let isInBytes: Bool
  }

  /// Reads a document.
  ///
  /// - Parameter source: its name for messages.
  /// - Throws: `JSONFailure` for text that is no JSON.
  package init(bytes: [UInt8], source: String) throws(JSONFailure) {
    root = try JSONDocument.parse(bytes, source: source)
  }

  /// Makes a change; whether the field exists and the value is allowed is checked with the whole document.
  package mutating func apply(_ option: SetOption) throws(JSONFailure) {
    root = try option.applied(to: root)
  }

  /// The scenario's name.
  package func name() throws(JSONFailure) -> String { try resolved()["name"].text }

  /// The phases that are written; none where a trace alone says how long it takes.
  ///
  /// - Throws: `JSONFailure` for the first thing in the document that cannot be.
  package func phases() throws(JSONFailure) -> [Phase] {
    guard let list = try resolved()["phases"].present else { return [] }
    var phases: [Phase] = []
    for node in list.elements {
      let rate = try node["rate"].present.map { (rate) throws(JSONFailure) in try RateDecoder.rate(rate) }
      phases.append(
        Phase(
          name: node["name"].text, duration: node["duration"].duration.value, rate: rate?.rate,
          isInBytes: rate?.isInBytes ?? false))
    }
    return phases
  }

  /// Whether recorded records are played.
  package func isTrace() throws(JSONFailure) -> Bool { try resolved()["records"]["trace"].present != nil }

  /// The scenario as it now stands, with the files that it names.
  ///
  /// - Parameters:
  ///   - files: where traces, payloads and shards that it names are read.
  ///   - map: the stream's shards, in place of those that the scenario declares.
  /// - Throws: `JSONFailure` for the first thing wrong: where, what was expected, what was found.
  package func scenario(
    files: any ScenarioFiles = NoScenarioFiles(), map: ShardMap? = nil
  ) throws(JSONFailure) -> Scenario {
    try Scenario(resolved: resolved(), files: files, map: map)
  }

  private func resolved() throws(JSONFailure) -> ResolvedNode {
    try ValueShape.object(ScenarioLanguage.document).resolve(root)
  }
}
