import Kinesis
import Measurement
import Observations
import Scenarios
import StreamAccess

/// Reads a run's stream back and says what became of each record.
package struct ReadBack<Calls: ControlCalls> {
  private let scan: StreamScan<Calls>
  private let policy: ReadPolicy

  /// A reader of one stream.
  ///
  /// - Parameter arn: names the stream in requests in place of its name.
  package init(calls: Calls, stream: String, arn: StreamARN? = nil, policy: ReadPolicy, clock: any MonotonicClock) {
    scan = StreamScan(calls: calls, stream: stream, arn: arn, policy: policy, clock: clock)
    self.policy = policy
  }

  /// Reads and judges.
  ///
  /// - Parameters:
  ///   - plan: the run's, of a scenario with `records.identity`.
  ///   - outcomes: what the run knows of its records.
  ///   - keys: how keys are called in examples.
  ///   - start: when the run began.
  ///   - progress: called now and then with how many records were read.
  /// - Returns: the result without run and time; not complete when `StreamScan` came to no end.
  /// - Throws: when not even the shards can be listed.
  package func run(
    plan: Plan, outcomes: RunOutcomes, keys: KeyNames, start: WallTime, progress: (Int) -> Void = { _ in }
  ) throws(StreamControlFailure) -> Verification {
    let from = (start.microsecondsSinceEpoch - policy.clockTolerance.value / 1_000) / 1_000
    let ledger = ReadBackLedger(plan: plan, outcomes: outcomes, keys: keys, notBefore: from)
    let reading = try scan.run(from: from, into: ledger, progress: progress)
    var result = ledger.finish(problem: reading.problem)
    result.reading.calls = reading.calls
    result.reading.throttledCalls = reading.throttledCalls
    result.reading.failedCalls = reading.failedCalls
    result.reading.bytes = reading.bytes
    result.reading.seconds = reading.seconds
    return result
  }
}
