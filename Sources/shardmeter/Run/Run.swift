import Dispatch
import Kinesis
import LoadDriver
import Measurement
import Observations
import Producers
import RunResults
import Scenarios
import StreamAccess

/// Driving a plan against an opened target: the driver's workers on one side, the collector on the other, somebody who
/// watches, and a handle to stop it. It knows nothing of options, signals or terminals: whoever needs a run composes one.
///
/// `@unchecked Sendable`: `recorder`, `reason`, `failure` and what else changes belong to `queue`; every method either is
/// called by the one who drives, before and after the queue is used, or hops onto it.
final class Run: @unchecked Sendable {
  /// What is driven, where to, and within which bounds.
  struct Request {
    var plan: Plan
    var target: RunTarget
    /// The stream's name on the target.
    var stream: String
    /// Names the stream in requests in place of its name.
    var streamARN: StreamARN?
    /// The open shards.
    var shards: ShardMap
    /// Whether they are the target's own: only those are followed as they change.
    var isObserved: Bool
    /// What may be sent at most; nil for no bound.
    var budget: SendBudget?
    /// The most workers; nil: as many as the machine's cores allow.
    var workers: Int?
    /// How keys are to be called, should the results be made from the journal.
    var keys = KeyNames.Mode.hash
    /// How long before something is due a worker stays awake.
    var spin = Nanoseconds.zero
  }

  /// What was driven, to be read back, judged and written; nobody else uses any of it.
  struct Driven {
    /// Everything that was observed.
    let recorder: RunRecorder
    let ending: RunEnding
    /// Whether it was stopped because the budget was spent.
    let isBudgetSpent: Bool
    /// What became of each record, when its scenario lets them be found again.
    let outcomes: RunOutcomes?
  }

  /// How long answers are waited for after a stop.
  private static let drain = Nanoseconds.seconds(5)
  /// How often the host's steal is sampled: several times a second, so that each second has a sample near its end.
  private static let stealInterval = Nanoseconds.milliseconds(250)

  /// Phases, shards and sizes of the results.
  let layout: RunLayout
  /// How many records of a phase come due before an instant, nanoseconds since the start.
  let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int

  private let request: Request
  private let driver: LoadDriver
  private let queue = DispatchQueue(label: "shardmeter.collector", target: .global())
  private var recorder: RunRecorder?
  private var observer: (any RunObserver)?
  private var lastTicks: ProcessorTicks?
  private var lastSecond: Int?
  private var reason = RunEnding.Reason.completed
  private var isBudgetSpent = false
  private var isOver = false
  private var failure: (any Error)?

  /// A run at rest.
  ///
  /// - Throws: when a worker's event loop cannot be made.
  init(_ request: Request) throws {
    self.request = request
    let plan = request.plan
    let target = request.target
    let workers = request.workers ?? RunShape.defaultWorkers(sharesMachine: target.isEmbedded)
    layout = RunShape.layout(
      of: plan, shards: request.shards, workers: LoadDriver.shares(of: plan, workers: workers).count)
    planned = { phase, before in Int(clamping: plan.plannedRecords(in: phase, before: Nanoseconds(before))) }
    driver = try LoadDriver(
      configuration: DriverConfiguration(
        plan: plan, destination: target.destination, streamName: request.stream,
        streamARN: request.streamARN?.description, region: target.region, credentials: target.credentials,
        shardMap: request.shards, budget: request.budget, workers: workers, spin: request.spin),
      clock: target.clock, wallTime: target.wallTime)
  }

  /// Runs the plan to its end, to a stop, an abort or a failure to write results; blocks until then.
  ///
  /// - Parameters:
  ///   - description: the run's, whose start is filled in here.
  ///   - sink: gets the files that grow with the run.
  ///   - observer: told how it goes.
  /// - Throws: what kept the driver or the result files from going on.
  func drive(_ description: RunDescription, into sink: any ResultSink, observer: any RunObserver) throws -> Driven {
    let follower = request.isObserved ? try makeFollower() : nil
    let lanes = (0..<driver.workerCount).map { worker in
      WorkerLane(layout: layout, outcomes: outcomes(worker: worker))
    }
    // From here on time runs: the start lies a moment behind the last connection.
    let run = try driver.connect()
    var description = description
    description.start = run.wallStart
    let recorder = try RunRecorder(
      layout: layout, description: description, thresholds: request.plan.scenario.thresholds, keys: request.keys,
      sink: sink, planned: planned)
    let renewal = request.target.renewal { [self] in note(warning: $0) }
    renewal?.start()
    defer { renewal?.cancel() }
    queue.sync {
      self.recorder = recorder
      self.observer = observer
      // Stopped before it began: it begins and ends at once, so that its files say so.
      if reason != .completed { endSending() }
    }
    observer.began(run)
    let sampler = Ticker(every: Self.stealInterval) { [self] in queue.async { [self] in noteSteal(run.now()) } }
    defer { sampler.cancel() }
    let onChange: @Sendable (ShardMapChange) -> Void = { [self] change in queue.async { [self] in take(change) } }
    let onFailure: @Sendable (String) -> Void = { [self] text in
      queue.async { [self] in self.recorder?.warn(text) }
    }
    follower?.start(now: { run.now() }, onChange: onChange, onFailure: onFailure)
    try driver.run(run, lanes: lanes) { [self] in
      queue.async { [self] in
        guard reason == .completed else { return }
        isBudgetSpent = true
        stop(.aborted)
      }
    } deliver: { [self] worker, delivery in
      queue.async { [self] in accept(delivery, from: worker) }
    }
    let ended = run.now()
    follower?.finish(now: { run.now() }, onChange: onChange, onFailure: onFailure)
    return try queue.sync {
      isOver = true
      recorder.use(driver.shards.current)
      if let failure { throw failure }
      return Driven(
        recorder: recorder, ending: RunEnding(reason, ended: ended), isBudgetSpent: isBudgetSpent,
        outcomes: RunOutcomes(lanes))
    }
  }

  /// Ends the sending from any thread, as if interrupted; answers are waited for a few seconds more. One that has not
  /// begun ends as soon as it has; the first reason to stop counts.
  func interrupt() {
    queue.async { [self] in stop(.interrupted) }
  }

  /// Takes a warning that came up while the run goes on: shown at once, and kept for the reports.
  private func note(warning: String) {
    queue.async { [self] in
      // Behind the end of the run the collector is somebody else's.
      guard !isOver else { return }
      recorder?.warn(warning)
      observer?.warned(warning)
    }
  }

  private func accept(_ delivery: FinishedSeconds, from worker: Int) {
    observer?.took(delivery, from: worker)
    guard failure == nil, let recorder else { return }
    do {
      try recorder.accept(delivery, from: worker)
      // Behind the plan's end there is nothing left to stop.
      guard reason == .completed, let now = delivery.outstanding?.at, now < layout.end.value,
        let broken = recorder.brokenBound(at: now)
      else { return }
      recorder.note(broken)
      stop(.aborted)
    } catch {
      // Results that cannot be written make the load pointless: stop it, and tell at the end.
      failure = error
      stop(.failed)
    }
  }

  private func take(_ change: ShardMapChange) {
    recorder?.use(driver.shards.current)
    recorder?.note(
      ShardChange(noticed: change.noticed, listed: change.listed, opened: change.opened, closed: change.closed))
  }

  private func stop(_ why: RunEnding.Reason) {
    guard reason == .completed, !isOver else { return }
    reason = why
    endSending()
  }

  private func endSending() {
    if let instant = driver.stop(drain: Self.drain) { recorder?.stop(at: instant) }
  }

  private func noteSteal(_ now: Int64) {
    let second = layout.second(of: now)
    guard second != lastSecond else { return }
    let ticks = ProcessorTicks.now()
    if let lastTicks, let lastSecond, let ratio = ticks?.stolenShare(since: lastTicks) {
      recorder?.note(steal: ratio, second: lastSecond)
    }
    (lastTicks, lastSecond) = (ticks, second)
  }

  /// Asks for the stream's shards again when answers surprise, over a connection of its own.
  private func makeFollower() throws -> ShardFollower {
    let calls = try request.target.calls(timeout: request.plan.scenario.client.timeout)
    let control = StreamControl(calls: calls, stream: request.stream, arn: request.streamARN)
    return ShardFollower(shards: driver.shards) { try control.shardMap() }
  }

  /// Where a worker keeps the fates of its records, when they can be found again.
  private func outcomes(worker: Int) -> LaneOutcomes? {
    let scenario = request.plan.scenario
    guard scenario.hasIdentity else { return nil }
    let counts = request.plan.phases.map { phase -> UInt64? in
      if case .open(let count) = phase.loop { count } else { nil }
    }
    return LaneOutcomes(
      recordCounts: counts, producers: scenario.client.producers, worker: worker, workers: driver.workerCount)
  }
}

/// Who watches a run; told in order on the run's own queue, which also writes results: it must not wait.
protocol RunObserver: Sendable {
  /// Time runs.
  ///
  /// - Parameter clock: the run's.
  func began(_ clock: RunClock)
  /// A worker handed over seconds that it has finished.
  func took(_ delivery: FinishedSeconds, from worker: Int)
  /// Something that is no error, and is kept for the reports.
  func warned(_ text: String)
}
