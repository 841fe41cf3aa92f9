import Kinesis
import LoadDriver
import Measurement
import Observations
import RunResults
import Scenarios

/// Reads a run's stream back for `run --read-back` and `verify`.
struct StreamReader {
  /// How often the reading says how far it is.
  private static let progressInterval = Nanoseconds.seconds(10)
  /// The least time one call may take: an answer holds up to 10 MiB of data.
  private static let leastTimeout = Nanoseconds.seconds(30)

  let target: RunTarget
  let stream: String
  /// Names the stream in requests in place of its name.
  var arn: StreamARN?
  let keys: KeyDisplay

  /// Reads and judges.
  ///
  /// - Parameter progress: told every few seconds how many records were read.
  /// - Throws: `CommandFailure` 6 when the stream's shards cannot be had.
  func read(
    _ plan: Plan, outcomes: RunOutcomes, start: WallTime, runID: String, progress: (Int) -> Void
  ) throws -> Verification {
    let calls = try target.calls(timeout: max(plan.scenario.client.timeout, Self.leastTimeout))
    let clock = target.clock
    let reader = ReadBack(
      calls: calls, stream: stream, arn: arn, manner: target.isLoopback ? .loopback : .remote, clock: clock)
    let names = KeyNames(
      mode: KeyNames.Mode(rawValue: keys.rawValue) ?? .hash, bytes: { plan.keys.bytes(of: $0) },
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
      throw CommandFailure("reading stream \(stream) at \(target.place) back: \(error)", code: .unreachable)
    }
    found.runID = runID
    found.stream = stream
    found.time = target.wallTime().iso8601
    return found
  }
}
