import Dispatch
import FoundationEssentials
import Kinesis
import LoadDriver
import Measurement
import RunResults
import Synchronization

/// A run under way: the driver's workers on one side, the collector and the live lines on the other, signals between.
///
/// Everything but the driver belongs to `queue`; `@unchecked Sendable` for that reason: each method either is called before
/// the run starts and after it has ended, or hops onto the queue.
final class RunSession: @unchecked Sendable {
  /// How long answers are waited for after the first Ctrl-C.
  private static let interruptDrain = Nanoseconds.seconds(5)
  /// How often the host's steal is sampled: several times a second, so that each second has a sample near its end.
  private static let stealInterval = Nanoseconds.milliseconds(250)

  private let driver: LoadDriver
  private let collector: RunCollector
  private let follower: ShardFollower?
  private let queue = DispatchQueue(label: "shardmeter.collector", target: .global())
  private let progress: ProgressMode
  private var meter: ProgressMeter
  private var display: ProgressDisplay
  private var steal = ProcessorSteal()
  private var lastSecond: Int?
  private var reason = RunEnding.Reason.completed
  private var isOver = false
  private var failure: (any Error)?

  init(
    driver: LoadDriver, collector: RunCollector, follower: ShardFollower?, meter: ProgressMeter, progress: ProgressMode,
    output: any TextOutput
  ) {
    self.driver = driver
    self.follower = follower
    self.collector = collector
    self.meter = meter
    self.progress = progress
    display = ProgressDisplay(mode: progress, output: output)
  }

  /// Runs the plan to its end, an interrupt, an abort or a failure to write results.
  ///
  /// - Parameters:
  ///   - run: the clock from the driver's `connect`.
  ///   - lanes: one for each worker.
  /// - Returns: how it ended.
  /// - Throws: what kept the driver or the result files from going on.
  func run(_ run: RunClock, lanes: [WorkerLane]) throws -> RunEnding {
    let signals = SignalWatch { [self] request in
      switch request {
      case .drain: queue.async { [self] in stop(.interrupted) }
      case .leave: SignalWatch.leaveAtOnce()
      case .progress: queue.async { [self] in display.answer(meter.snapshot(at: run.now())) }
      }
    }
    defer { signals.cancel() }
    var tickers = [Ticker(every: Self.stealInterval) { [self] in queue.async { [self] in noteSteal(run.now()) } }]
    if let interval = progress.interval {
      tickers.append(
        Ticker(every: interval) { [self] in
          queue.async { [self] in display.show(meter.snapshot(at: run.now())) }
        })
    }
    defer { for ticker in tickers { ticker.cancel() } }
    let onChange: @Sendable (ShardChange) -> Void = { [self] change in queue.async { [self] in take(change) } }
    let onFailure: @Sendable (String) -> Void = { [self] text in
      queue.async { [self] in collector.description.warnings.append(text) }
    }
    follower?.start(now: { run.now() }, onChange: onChange, onFailure: onFailure)
    try driver.run(run, lanes: lanes) { [self] in
      queue.async { [self] in
        guard reason == .completed else { return }
        collector.description.warnings.append("stopped at --max-records or --max-bytes")
        stop(.aborted)
      }
    } deliver: { [self] worker, delivery in
      queue.async { [self] in accept(delivery, from: worker) }
    }
    let ended = run.now()
    follower?.finish(now: { run.now() }, onChange: onChange, onFailure: onFailure)
    return try queue.sync {
      isOver = true
      display.erase()
      collector.use(driver.shards.current)
      if let failure { throw failure }
      return RunEnding(reason, ended: ended)
    }
  }

  /// Takes a warning that came up while the run goes on: shown at once, and kept for the reports.
  func note(warning: String) {
    queue.async { [self] in
      // Behind the end of the run the collector is somebody else's.
      guard !isOver else { return }
      collector.description.warnings.append(warning)
      display.warn(warning)
    }
  }

  private func accept(_ delivery: LaneDelivery, from worker: Int) {
    meter.accept(delivery, from: worker)
    guard failure == nil else { return }
    do {
      try collector.accept(delivery, from: worker)
      if collector.brokenAbort() != nil { stop(.aborted) }
    } catch {
      // Results that cannot be written make the load pointless: stop it, and tell at the end.
      failure = error
      stop(.failed)
    }
  }

  private func take(_ change: ShardChange) {
    collector.use(driver.shards.current)
    collector.note(change)
  }

  private func stop(_ why: RunEnding.Reason) {
    guard reason == .completed else { return }
    reason = why
    if let instant = driver.stop(drain: Self.interruptDrain) { collector.stop(at: instant) }
  }

  private func noteSteal(_ now: Int64) {
    let second = collector.layout.second(of: now)
    guard second != lastSecond else { return }
    let text = FileReader.bytes(at: "/proc/stat").map { String(decoding: $0, as: UTF8.self) }
    if let ratio = steal.sample(text), let lastSecond { collector.note(steal: ratio, second: lastSecond) }
    lastSecond = second
  }
}
