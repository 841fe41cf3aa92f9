import Dispatch
import Kinesis
import Measurement
import Observations
import Scenarios
import StreamAccess
import Synchronization
import Transport

/// One worker: a serial queue that holds its thread for the whole run, an event loop in it, an engine that decides.
///
/// `@unchecked Sendable`: all mutable state but `stopRequest`, which has a lock, is touched only inside `queue`, in `connect`
/// and `run`, which follow each other there.
final class Worker: @unchecked Sendable {
  /// A wish to end the sending, taken over by the worker at its next turn.
  private struct StopRequest {
    var at: Int64
    var drain: Int64
  }

  let queue: DispatchQueue
  private let producers: [Int]
  private let limits: EngineLimits
  private let configuration: DriverConfiguration
  private let shards: SharedShardMap
  private let clock: any MonotonicClock
  private let channels: SocketChannels
  private var opened: Set<Int> = []
  /// What the connections took that were made before the start.
  private var early: [ConnectionObservation] = []
  /// How long it turned through waits since the last tick, nanoseconds: processor time that it could have worked in.
  private var spun: Int64 = 0
  @exclusivity(unchecked) private var stops = StopMeter(bound: .max, start: 0)
  /// Since when it has been running or waiting to run, nanoseconds since the run's start.
  @exclusivity(unchecked) private var lastSeen: Int64 = 0
  private let stopRequest = Mutex<StopRequest?>(nil)

  /// A worker at rest.
  ///
  /// - Parameters:
  ///   - number: from 0, for the queue's name.
  ///   - producers: the logical producers it serves.
  ///   - limits: its share of connections and requests in flight.
  ///   - shards: the run's shard map.
  init(
    number: Int, producers: [Int], limits: EngineLimits, configuration: DriverConfiguration, shards: SharedShardMap,
    clock: any MonotonicClock
  ) throws {
    self.producers = producers
    self.limits = limits
    self.configuration = configuration
    self.shards = shards
    self.clock = clock
    // The default target is the overcommitting one: each worker keeps a thread to itself.
    queue = DispatchQueue(label: "shardmeter.worker.\(number)")
    channels = try SocketChannels(
      count: limits.connections, destination: configuration.destination, clock: clock)
  }

  /// Opens every connection and waits until each is up or has failed, at most until `deadline`.
  func connect(until deadline: Instant) throws {
    dispatchPrecondition(condition: .onQueue(queue))
    var pending = Set(0..<channels.count)
    for slot in pending { channels.open(slot) }
    while !pending.isEmpty, clock.now() < deadline {
      try channels.wait(until: deadline)
      while let (slot, event) = channels.nextOutcome() {
        pending.remove(slot)
        if case .connected = event {
          opened.insert(slot)
          early.append(channels.observation(of: slot))
        } else {
          opened.remove(slot)
        }
      }
    }
    for slot in pending { channels.close(slot) }
  }

  /// Runs this worker's part of the plan to its end.
  ///
  /// - Parameters:
  ///   - run: the run's clock; its start lies just ahead.
  ///   - lane: this worker's observations.
  ///   - onBudgetSpent: called once when the run may not send more.
  ///   - deliver: takes what is finished and how things stand, a few times a second.
  func run(_ run: RunClock, lane: WorkerLane, onBudgetSpent: () -> Void, deliver: (FinishedSeconds) -> Void) throws {
    dispatchPrecondition(condition: .onQueue(queue))
    // The kernel rounds a thread's waits up by 50 µs unless told otherwise; without the right to tell it, the schedule is
    // only that much coarser.
    try? ProcessUsage.makeWaitsPrecise()
    let engine = WorkerEngine(
      configuration: configuration, producers: producers, limits: limits, channels: channels, opened: opened,
      lane: lane, clock: run, shards: shards)
    for connection in early { lane.observe(connection, at: 0) }
    var lastProcessorTime = ProcessUsage.threadTime()
    stops = StopMeter(bound: lane.layout.latenessBound.value, start: run.now())
    var hasReportedBudget = false
    var lastTick = run.now()
    var nextTick = Self.tick(after: lastTick)
    func tick(_ now: Int64, isLast: Bool) {
      let processorTime = ProcessUsage.threadTime()
      let load = engine.takeLoad(at: now)
      let used = processorTime - lastProcessorTime
      let kept = stops.take(at: now, processor: used.value)
      lane.note(
        from: lastTick, to: now, inFlight: load.inFlightMax, busy: max(.zero, used - Nanoseconds(spun)),
        isCapped: load.wasCapped, unsent: load.unsent, sendBufferFull: load.sendBufferFull,
        starved: Nanoseconds(kept.starved))
      for stop in kept.stops { lane.note(stop: stop) }
      lastProcessorTime = processorTime
      spun = 0
      lastTick = now
      if isLast {
        deliver(lane.finishedSlices(before: .max))
      } else {
        var finished = lane.finishedSlices(beforeSecondOf: engine.oldestOutstanding(now), now: now)
        finished.outstanding = engine.outstanding(at: now, wasCapped: load.wasCapped)
        deliver(finished)
      }
      // From due time to due time: a late tick must not shift the ones after it.
      nextTick = Self.tick(after: now)
    }
    lastSeen = run.now()
    while true {
      let now = run.now()
      stops.wanted(from: lastSeen, to: now)
      lastSeen = now
      if now >= nextTick { tick(now, isLast: false) }
      guard try turn(engine, run: run, now: now, until: nextTick) else { break }
      if engine.isBudgetSpent, !hasReportedBudget {
        hasReportedBudget = true
        onBudgetSpent()
      }
    }
    tick(run.now(), isLast: true)
  }

  /// One turn: at most one batch goes out, then outcomes are waited for and told. Answers are thus read between any two
  /// batches, and reading them is never late by more than one batch's work.
  ///
  /// - Parameters:
  ///   - now: the time of the turn's beginning.
  ///   - until: when to be back at the latest.
  /// - Returns: false when the run is over for this worker.
  private func turn(_ engine: WorkerEngine<SocketChannels>, run: RunClock, now: Int64, until: Int64) throws -> Bool {
    if let request = stopRequest.withLock({ $0 }) { engine.stop(at: request.at, drain: request.drain) }
    guard let wake = engine.advance(to: now) else { return false }
    // With a spin the last stretch before the deadline is turned through instead of slept through.
    let deadline = min(wake, until)
    var sleep = deadline - configuration.spin.value
    // An answer may come at any time: a stop is noticed by the first deadline that passes in it, so there is always one near.
    if engine.awaitsTarget { sleep = min(sleep, now + stops.bound) }
    let isAsleep = sleep > now
    if isAsleep {
      lastSeen = run.now()
      stops.wanted(from: now, to: lastSeen)
    }
    try channels.wait(until: run.instant(at: sleep))
    let woke = isAsleep ? run.now() : now
    var isIdle = true
    while let (slot, event) = channels.nextOutcome() {
      tell(engine, slot, event, run: run)
      isIdle = false
    }
    if isAsleep {
      // Nothing was due before the engine's own wake, unless something had come from the target.
      stops.slept(from: lastSeen, until: sleep, woke: woke, due: isIdle ? min(wake, woke) : min(sleep, woke))
      lastSeen = woke
    }
    if isIdle, now < deadline, now >= deadline - configuration.spin.value { spun += run.now() - now }
    return true
  }

  /// How often a worker takes stock and hands finished seconds over: four times a second, as often as progress is drawn.
  static let tickInterval: Int64 = 250_000_000

  /// The first tick after an instant: ticks are due at multiples of the interval.
  static func tick(after instant: Int64) -> Int64 {
    let (whole, rest) = instant.quotientAndRemainder(dividingBy: tickInterval)
    return (rest < 0 ? whole : whole + 1) * tickInterval
  }

  private func tell(_ engine: WorkerEngine<SocketChannels>, _ slot: Int, _ event: ClientEvent, run: RunClock) {
    let connection = channels[slot]
    switch event {
    case .none: break
    case .connected:
      let now = run.now()
      engine.lane.observe(channels.observation(of: slot), at: now)
      engine.channelOpened(slot, now: now)
    case .disconnected: engine.channelClosed(slot, now: run.now())
    case .response(let response):
      let lastByte = connection.lastByteRead.map(run.time(of:)) ?? run.now()
      engine.answered(
        slot, status: response.status, body: response.body,
        firstByte: connection.firstByteWritten.map(run.time(of:)) ?? lastByte, lastByte: lastByte,
        keepsAlive: response.isKeepAlive)
    case .failed(let failure, let mayHaveBeenReceived):
      engine.failed(
        slot, code: failure.code, firstByte: mayHaveBeenReceived ? connection.firstByteWritten.map(run.time(of:)) : nil,
        mayHaveBeenReceived: mayHaveBeenReceived, now: run.now())
    }
  }

  /// Asks the worker to stop sending; thread-safe.
  ///
  /// - Parameters:
  ///   - at: the instant of the plan from which nothing is sent, nanoseconds since the run's start.
  ///   - drain: how long answers are waited for after it.
  func stop(at instant: Int64, drain: Int64) {
    stopRequest.withLock { $0 = StopRequest(at: instant, drain: drain) }
    channels.loop.wake()
  }
}
