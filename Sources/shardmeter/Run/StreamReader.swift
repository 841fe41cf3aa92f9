import Kinesis
import LoadDriver
import Measurement
import Observations
import RunResults
import Scenarios
import StreamAccess
import Transport

/// Reads a run's stream back for `run --read-back` and `verify`.
struct StreamReader {
  /// How often the reading says how far it is.
  private static let progressInterval = Nanoseconds.seconds(10)
  /// The least time one call may take: an answer holds up to 10 MiB of data. The most is that of a reading without headway,
  /// which is seen between calls.
  private static let leastTimeout = Nanoseconds.seconds(30)

  private let calls: SocketControlCalls
  private let target: RunTarget
  private let stream: String
  private let arn: StreamARN?
  private let keys: KeyNames.Mode
  private let plan: Plan

  /// A reader with connections of its own, not yet made.
  ///
  /// - Parameters:
  ///   - arn: names the stream in requests in place of its name.
  ///   - keys: how keys are called in examples.
  ///   - plan: the run's.
  init(target: RunTarget, stream: String, arn: StreamARN?, keys: KeyNames.Mode, plan: Plan) throws {
    calls = try target.calls(
      timeout: min(max(plan.scenario.client.timeout, Self.leastTimeout), ReadPolicy.longestStall))
    self.target = target
    self.stream = stream
    self.arn = arn
    self.keys = keys
    self.plan = plan
  }

  /// Ends the reading from another thread: what was read until then is judged, and said not to be all.
  var interruption: CallInterruption { calls.interruption }

  /// Reads and judges.
  ///
  /// - Parameter progress: told every few seconds how many records were read.
  /// - Throws: `CommandFailure` 6 when the stream's shards cannot be had.
  func read(
    outcomes: RunOutcomes, start: WallTime, runID: String, progress: (Int) -> Void
  ) throws -> Verification {
    let clock = target.clock
    let plan = plan
    let reader = ReadBack(
      calls: calls, stream: stream, arn: arn, policy: target.isLoopback ? .loopback : .remote, clock: clock)
    let names = KeyNames(
      mode: keys, bytes: { plan.keys.bytes(of: $0) },
      hash: { plan.keys.hash(of: $0) })
    var next = clock.now() + Self.progressInterval
    var found: Verification
    do {
      found = try reader.run(plan: plan, outcomes: outcomes, keys: names, start: start) { read in
        guard clock.now() >= next else { return }
        next = next + Self.progressInterval
        progress(read)
      }
    } catch {
      throw CommandFailure("reading stream \(stream) at \(target.shownAddress) back: \(error)", code: .unreachable)
    }
    found.runID = runID
    found.stream = stream
    found.time = target.wallTime().iso8601
    return found
  }
}
