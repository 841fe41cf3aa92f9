import Kinesis
import LocalKinesis
import Measurement
import Observations
import Reporting
import RunResults

/// The results of an observation: the same files, rows and reports as a run's, of what the target saw.
struct ObservedResults {
  let context: Context
  let configuration: EmbeddedTargetConfiguration
  let options: ObservingOptions
  var thresholds: [Threshold] = []
  /// Where results go without `--out` and `--run-dir`; nil: nowhere.
  var fallbackFolder: String?

  /// Writes the folder, if one is wanted, and reads it back.
  ///
  /// - Parameters:
  ///   - observer: what watched; nobody tells it any more.
  ///   - isInterrupted: whether a signal cut the observation short.
  func finish(
    _ observer: ProducerObserver, command: SummaryCommand? = nil, expectedCount: Int? = nil, isInterrupted: Bool
  ) throws -> LoadedRun {
    let traffic = observer.traffic
    let description = description(traffic)
    let folder = try folder(description.runID)
    let memory = MemoryFolder()
    let layout = layout(traffic)
    let collector = try RunCollector(
      layout: layout, description: description, thresholds: thresholds, sink: folder ?? memory)
    for entry in traffic?.entries(layout) ?? [] { try collector.take(entry) }
    let end = layout.end.value
    try collector.take(.ending(RunEnding(isInterrupted ? .interrupted : .completed, ended: end)))
    let summary = try collector.finish(
      keys: traffic?.names, extraFiles: folder == nil ? [] : RunReports.fileNames,
      observed: ObservedEnding(
        traffic?.producer ?? observer.observation, command: command, expectedCount: expectedCount))
    guard let folder else {
      return try LoadedRun.load("") { name throws(RunFolderFailure) in memory.files[name] }
    }
    let run = try RunReports.finish(folder, summary: summary) { false }
    for warning in folder.warnings { context.warn(warning) }
    return run
  }

  private func folder(_ id: String) throws -> RunFolder? {
    do {
      if let exact = options.runFolder { return try RunFolder(exactly: exact) }
      guard let parent = options.resultsFolder ?? fallbackFolder else { return nil }
      return try RunFolder(id: id, in: parent)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  private func layout(_ traffic: ObservedTraffic?) -> RunLayout {
    let duration = traffic?.duration ?? .zero
    let shards = traffic?.shardsAtStart ?? ShardMap(even: configuration.ranges.count)
    var layout = RunLayout(
      phases: [PhaseLayout(name: "observed", start: .zero, duration: duration)], shards: shards, timeout: .zero,
      keyCount: traffic == nil ? 0 : traffic?.keyCount.map { UInt64($0) },
      isRoutedByKey: traffic?.isRoutedByKey ?? true,
      limits: AssumedLimits(configuration.limits.rule), needsShardSeconds: thresholds.needShardSeconds)
    layout.binSeconds = traffic?.binSeconds ?? 1
    return layout
  }

  private func description(_ traffic: ObservedTraffic?) -> RunDescription {
    let start = traffic.map { WallTime(microsecondsSinceEpoch: $0.startMicroseconds) } ?? context.wallTime()
    let stream = traffic?.stream ?? configuration.streamName ?? ""
    var tool = SummaryTool()
    tool.version = context.build.version
    tool.revision = context.build.revision
    tool.dirty = context.build.isDirty
    tool.swift = context.build.swift
    tool.mode = context.build.mode
    var target = SummaryTarget()
    target.endpoint = "embedded"
    target.kind = "embedded"
    target.stream = stream
    target.shards = configuration.ranges.count
    target.region = configuration.region
    target.limitsProfile = configuration.limits.name
    let id = RunIdentifier.make(
      start: start, scenarioName: "observe-\(stream)", workloadHash: "", seed: configuration.seed)
    return RunDescription(runID: id, start: start, tool: tool, target: target, machine: MachineFacts.current())
  }

  /// Files that nobody keeps.
  private final class MemoryFolder: ResultSink {
    var files: [String: [UInt8]] = [:]
    func append(_ bytes: [UInt8], to fileName: String) { files[fileName, default: []] += bytes }
    func remove(_ fileName: String) { files[fileName] = nil }
  }
}
