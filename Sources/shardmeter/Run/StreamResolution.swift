import Kinesis
import LoadDriver
import RunResults
import Scenarios
import StreamAccess

/// What the target said of the stream before anything is sent to it.
struct StreamResolution {
  /// The open shards: observed, else the scenario's declaration.
  let map: ShardMap
  /// Whether the map is the target's own.
  let isObserved: Bool
  /// Whether this run made the stream.
  let wasCreated: Bool
  /// What the reader of the results must know.
  let warnings: [String]

  /// Creates the stream if asked to and finds its shards.
  ///
  /// - Throws: `CommandFailure` 6 when the target is not there, refuses, or has no such stream: a run could only fail.
  static func resolve(
    _ control: StreamControl<some ControlCalls>, name: String, input: ScenarioInput, creates: Bool, url: String
  ) throws -> StreamResolution {
    let declared = input.scenario.declaredMap
    do {
      if creates { try control.create(shards: declared.count) }
      let map = try control.shardMap()
      var warnings: [String] = []
      if map.count != declared.count {
        let who = input.shardMapFile.map { "\($0) has" } ?? "the scenario declares"
        warnings.append(
          "stream \(name) has \(map.count) open \(map.count == 1 ? "shard" : "shards"), \(who) \(declared.count): "
            + "the observed ones count")
      } else if let file = input.shardMapFile, map.shards.map(\.range) != declared.shards.map(\.range) {
        warnings.append(
          "the hash key ranges of stream \(name) are not those of \(file): the observed ones count")
      }
      return StreamResolution(map: map, isObserved: true, wasCreated: creates, warnings: warnings)
    } catch let failure where failure.isFinal {
      let advice = failure.isMissingStream && !creates ? "; --create-stream makes it" : ""
      throw CommandFailure("target \(url), stream \(name): \(failure)\(advice)", code: .unreachable)
    } catch {
      let assumed =
        input.shardMapFile.map { "those of \($0) are assumed" }
        ?? "\(declared.count) even \(declared.count == 1 ? "shard is" : "shards are") assumed, as the scenario declares"
      return StreamResolution(
        map: declared, isObserved: false, wasCreated: creates,
        warnings: ["the shards of stream \(name) are not known: \(error); \(assumed)"])
    }
  }
}
