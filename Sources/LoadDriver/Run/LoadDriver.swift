import Dispatch
import Kinesis
import Measurement
import Observations
import Scenarios
import StreamAccess
import Synchronization
import Transport

/// Drives a plan against an endpoint: deals producers and connections onto workers, opens the connections, sets one
/// common start, and merges nothing itself: each worker's lane goes to the caller.
///
/// `@unchecked Sendable`: `workers` and `group` are constant; everything else is behind `state`.
package final class LoadDriver: @unchecked Sendable {
  private struct State {
    var clock: RunClock?
    var isStopped = false
    var failures: [String] = []
  }

  /// How far the common start lies ahead once every worker is ready: enough for each to reach its first wait.
  private static let lead = Nanoseconds.milliseconds(2)
  /// How far ahead of the present a stop is set, so that every worker hears of it before it comes and all stop at one
  /// instant of the plan.
  private static let stopLead: Int64 = 10_000_000
  /// The longest wait for connections before the start; those that take longer are tried again during the run.
  private static let connectTimeout = Nanoseconds.seconds(2)

  /// The run's shard map: who learns of a change puts it here, and every worker takes it over.
  package let shards: SharedShardMap

  private let configuration: DriverConfiguration
  private let clock: any MonotonicClock
  private let wallTime: @Sendable () -> WallTime
  private let workers: [Worker]
  private let group = DispatchGroup()
  private let state = Mutex(State())

  /// A driver that has not begun.
  ///
  /// - Parameters:
  ///   - configuration: what the run resolved.
  ///   - clock: the one clock of all latencies.
  ///   - wallTime: for labels and signatures.
  /// - Throws: when a worker's event loop cannot be made.
  package init(
    configuration: DriverConfiguration, clock: any MonotonicClock, wallTime: @escaping @Sendable () -> WallTime
  ) throws {
    self.configuration = configuration
    self.clock = clock
    self.wallTime = wallTime
    let shards = SharedShardMap(configuration.shardMap)
    self.shards = shards
    let client = configuration.plan.scenario.client
    let shares = Self.shares(of: configuration.plan, workers: configuration.workers)
    workers = try shares.enumerated().map { number, limits in
      try Worker(
        number: number, producers: Array(stride(from: number, to: client.producers, by: shares.count)),
        limits: limits, configuration: configuration, shards: shards, clock: clock)
    }
  }

  /// How a plan's connections and requests in flight are dealt onto at most `workers` workers.
  package static func shares(of plan: Plan, workers: Int) -> [EngineLimits] {
    let client = plan.scenario.client
    return EngineLimits.shares(
      connections: client.connections, maximumInFlight: client.maxInFlight, timeout: client.timeout.value,
      workers: workers, producers: client.producers)
  }

  /// How many workers drive the run.
  package var workerCount: Int { workers.count }

  /// Opens the connections and fixes the start.
  ///
  /// - Returns: the run's clock; its start lies a moment ahead.
  package func connect() throws -> RunClock {
    let deadline = clock.now() + Self.connectTimeout
    for worker in workers {
      worker.queue.async(group: group) {
        do {
          try worker.connect(until: deadline)
        } catch {
          self.fail(error)
        }
      }
    }
    group.wait()
    try throwFirstFailure()
    let now = clock.now()
    let run = RunClock(clock: clock, start: now + Self.lead, wallStart: wallTime() + Self.lead)
    state.withLock { $0.clock = run }
    return run
  }

  /// Runs the plan to its end or to a stop; returns when every worker is done.
  ///
  /// - Parameters:
  ///   - run: the clock from `connect`.
  ///   - lanes: one for each worker.
  ///   - onBudgetSpent: called on a worker's queue when the budget is spent; stopping is the caller's.
  ///   - deliver: takes a worker's finished seconds, called on that worker's queue a few times a second.
  package func run(
    _ run: RunClock, lanes: [WorkerLane], onBudgetSpent: @escaping @Sendable () -> Void,
    deliver: @escaping @Sendable (_ worker: Int, FinishedSeconds) -> Void
  ) throws {
    precondition(lanes.count == workers.count, "one lane for each worker")
    for (number, worker) in workers.enumerated() {
      let lane = lanes[number]
      worker.queue.async(group: group) {
        do {
          try worker.run(run, lane: lane, onBudgetSpent: onBudgetSpent) { deliver(number, $0) }
        } catch {
          self.fail(error)
        }
      }
    }
    group.wait()
    try throwFirstFailure()
  }

  /// Ends the sending at an instant just ahead that is the same for every worker; thread-safe.
  ///
  /// - Parameter drain: how long answers are waited for after it.
  /// - Returns: the instant, nanoseconds since the run's start; nil when the run has not begun or was stopped before.
  @discardableResult
  package func stop(drain: Nanoseconds) -> Int64? {
    let instant: Int64? = state.withLock { state in
      guard let clock = state.clock, !state.isStopped else { return nil }
      state.isStopped = true
      return clock.now() + Self.stopLead
    }
    guard let instant else { return nil }
    for worker in workers { worker.stop(at: instant, drain: drain.value) }
    return instant
  }

  private func fail(_ error: any Error) {
    state.withLock { $0.failures.append("\(error)") }
  }

  private func throwFirstFailure() throws {
    if let failure = state.withLock({ $0.failures.first }) { throw DriverFailure(description: failure) }
  }
}

/// A worker that could not go on: an event loop that broke, which is this machine's fault and not the target's.
package struct DriverFailure: Error, CustomStringConvertible {
  /// The failing call and its error.
  package let description: String
}
