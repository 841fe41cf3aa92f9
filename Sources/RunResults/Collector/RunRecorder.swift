import Kinesis
import Measurement
import Observations

/// Records a run under way: puts together what its lanes hand over, writes each observation into the journal as it becomes
/// final, and gives it to the collector, which makes the results of nothing else.
///
/// Owned by one serial queue at a time: the one that collects during the run, then the one that ends it.
package final class RunRecorder: @unchecked Sendable {
  /// What has been made of the observations so far.
  package let collector: RunCollector
  private var gatherer: SecondGatherer
  private var live: LiveJudge
  private var sink: any ResultSink
  /// What is to be recorded before the next second.
  private var waiting: [JournalEntry] = []

  /// A recorder of a run about to start, with its journal begun.
  ///
  /// - Parameters:
  ///   - keys: how keys are to be called in the results, should somebody else make them.
  ///   - planned: how many records of a phase come due before an instant, in nanoseconds since the run's start; not asked
  ///     for closed-loop phases.
  package init(
    layout: RunLayout, description: RunDescription, thresholds: [Threshold] = [], keys: KeyNames.Mode = .hash,
    sink: any ResultSink, planned: @escaping @Sendable (_ phase: Int, _ before: Int64) -> Int
  ) throws {
    var layout = layout
    for phase in layout.phases.indices where !layout.phases[phase].isClosedLoop {
      layout.phases[phase].records = planned(phase, .max)
    }
    self.sink = sink
    gatherer = SecondGatherer(layout: layout, planned: planned)
    live = LiveJudge(layout: layout, thresholds: thresholds, planned: planned)
    let header = Journal.Header(
      runID: description.runID, planHash: description.scenario?.planSHA256, scenario: description.scenarioFile,
      layout: layout, description: JournalDescription(description, thresholds: thresholds, keys: keys).bytes)
    try self.sink.append(Journal.bytes(of: header), to: Journal.fileName)
    collector = try RunCollector(layout: layout, description: description, thresholds: thresholds, sink: sink)
  }

  /// Takes what a lane hands over, and records the seconds that every lane has finished.
  package func accept(_ finished: FinishedSeconds, from lane: Int) throws {
    live.accept(finished, from: lane)
    try record(gatherer.take(finished, from: lane))
  }

  /// The bound of a threshold with `abort` that is broken after its grace, by what can be seen by now; `nil` while there is
  /// none.
  ///
  /// - Parameter now: nanoseconds since the run's start.
  package func brokenBound(at now: Int64) -> BrokenBound? {
    let layout = collector.layout
    for (index, bound, _) in collector.thresholds.namedBounds {
      let threshold = collector.thresholds[index]
      guard let grace = threshold.abortAfter, let limit = threshold.limit(bound) else { continue }
      let start = layout.phaseIndices(of: threshold.phase).map { layout.phases[$0].start }.min() ?? .zero
      guard now >= (start + grace).value else { continue }
      let range = live.observe(index) ?? ThresholdJudge(collector: collector).observe(threshold)
      guard let found = range.worst(bound), bound == .atMost ? found.value > limit : found.value < limit else {
        continue
      }
      return BrokenBound(
        threshold: index, bound: bound, value: found.value, samples: found.samples, shard: found.shard,
        second: found.second, at: now)
    }
    return nil
  }

  /// Tells what stops the run, before it is stopped.
  package func note(_ broken: BrokenBound) { waiting.append(.aborted(broken)) }

  /// Takes note of the processor time other guests of the host took in a second, 0 to 1.
  package func note(steal ratio: Double, second: Int) { gatherer.note(steal: ratio, second: second) }

  /// Tells of a change of the stream's shards.
  package func note(_ change: ShardChange) { waiting.append(.change(change)) }

  /// Takes over what is known of the stream's shards: a map that keeps the indices of the one before.
  package func use(_ shards: ShardMap) { waiting.append(.map(shards)) }

  /// Keeps what a reader must know before quoting a number.
  package func warn(_ text: String) { waiting.append(.warning(text)) }

  /// Takes over the hash of the planned records.
  package func note(planHash: String) { waiting.append(.planHash(planHash)) }

  /// Tells that nothing that comes due from now on will be sent: an interrupt or an abort. To be called before a lane hands
  /// over the second it falls into.
  ///
  /// - Parameter instant: nanoseconds since the run's start.
  package func stop(at instant: Int64) {
    gatherer.stop(at: instant)
    waiting.append(.stopped(instant))
  }

  /// Ends the run when every lane has handed over everything; the journal goes when all files are written.
  ///
  /// - Parameters:
  ///   - keys: how keys are called; `nil` leaves every column about keys unknown.
  ///   - verification: what reading the stream back found, when it was read.
  ///   - extraFiles: names of files others put into the folder, listed in the summary.
  /// - Returns: the summary as written.
  package func finish(
    _ ending: RunEnding, keys: KeyNames?, verification: VerificationCounts? = nil, extraFiles: [String] = []
  ) throws -> Summary {
    try record(gatherer.finish())
    try record([.ending(ending)])
    let summary = try collector.finish(keys: keys, verification: verification, extraFiles: extraFiles)
    try sink.remove(Journal.fileName)
    return summary
  }

  private func record(_ final: [JournalEntry]) throws {
    guard !final.isEmpty else { return }
    let entries = waiting + final
    waiting = []
    var bytes: [UInt8] = []
    for entry in entries { Journal.append(entry, to: &bytes) }
    try sink.append(bytes, to: Journal.fileName)
    for entry in entries { try collector.take(entry) }
  }
}
