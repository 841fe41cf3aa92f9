import Kinesis
import Measurement
import Observations
import Producers
import RunResults
import Scenarios
import Transport

@testable import LoadDriver
@testable import StreamAccess

/// A worker's engine with a manual clock and connections that follow a script: a run in virtual time, exact to the
/// nanosecond.
final class EngineHarness {
  /// What a connection does with one request.
  enum Reply {
    case answer(status: Int, body: String, after: Int64, keepsAlive: Bool = true)
    case fail(code: String, after: Int64, isReceived: Bool)
    case never
  }

  /// One request as it was sent.
  struct Sent {
    let slot: Int
    let at: Int64
    let records: Int
    let message: String
  }

  private final class Script: RequestChannels {
    let count: Int
    var opened: [Int] = []
    var sent: [(slot: Int, records: Int, message: String)] = []
    var closed: [Int] = []
    /// Messages whose memory was kept.
    var kept = 0

    init(count: Int) { self.count = count }

    func open(_ slot: Int) { opened.append(slot) }
    /// Keeps every other message's memory until its outcome, as a full socket would.
    func send(_ slot: Int, _ message: UnsafeRawBufferPointer) -> Bool {
      sent.append((slot, Self.recordCount(message), String(decoding: message, as: UTF8.self)))
      let isTaken = sent.count % 2 == 0
      if !isTaken { kept += 1 }
      return isTaken
    }

    /// How often the key's name occurs, which every record has once.
    private static func recordCount(_ message: UnsafeRawBufferPointer) -> Int {
      let word = Array("\"PartitionKey\"".utf8)
      return (0..<max(0, message.count - word.count)).count { start in
        message[start] == word[0] && message[start..<start + word.count].elementsEqual(word)
      }
    }
    func close(_ slot: Int) { closed.append(slot) }
  }

  private enum Event {
    case reply(slot: Int, request: Int, Reply)
    case opened(slot: Int)
    case refused(slot: Int)
    case dropped(slot: Int)
  }

  let plan: Plan
  let lane: WorkerLane
  let limits: EngineLimits
  private(set) var sent: [Sent] = []
  private let engine: WorkerEngine<Script>
  private let script: Script
  private let clock = ManualClock()
  private let run: RunClock
  private var events = MinimumHeap<Event>()
  private var eventNumber = 0
  private var stalls: [(from: Int64, to: Int64)] = []
  /// How long a new connection takes.
  var connectDelay: Int64 = 100_000
  /// Whether a new connection comes about.
  var acceptsConnections: (Int64) -> Bool = { _ in true }
  /// How long a new connection stands that carries nothing; nil for ever.
  var dropsUnusedAfter: Int64?
  /// When connections were asked for.
  private(set) var openings: [(slot: Int, at: Int64)] = []
  /// How many slots the engine lists as free.
  var listed: Int { engine.slots.listed }
  /// The number of the request that a slot carries; a later one makes earlier replies stale.
  private var carried: [Int: Int] = [:]

  init(_ scenario: String, overrides: [String] = [], budget: SendBudget? = nil, shards: SharedShardMap? = nil) throws {
    let scenario = try Scenario.load(
      bytes: Array(scenario.utf8), source: "test", overrides: try overrides.map { try SetOption($0) })
    plan = Plan(scenario)
    let client = scenario.client
    limits = EngineLimits(
      connections: client.connections, maximumInFlight: client.maxInFlight, timeout: client.timeout.value)
    let map = ShardMap(even: scenario.stream.shards)
    let layout = RunLayout(
      phases: plan.phases.map {
        PhaseLayout(
          name: $0.name, start: $0.start, duration: $0.duration, isMeasured: $0.measured,
          isClosedLoop: $0.loop == .closed)
      }, shards: map, timeout: client.timeout, keyCount: plan.keys.count)
    lane = WorkerLane(layout: layout)
    run = RunClock(
      clock: clock, start: Instant(nanoseconds: 0), wallStart: WallTime(microsecondsSinceEpoch: 1_440_938_160_000_000))
    script = Script(count: limits.connections)
    let configuration = DriverConfiguration(
      plan: plan,
      destination: Destination(
        endpoint: Endpoint(scheme: .http, host: "127.0.0.1", port: 4567), addresses: [], tls: nil),
      streamName: scenario.stream.name, region: "us-east-1", credentials: .loopback, shardMap: map,
      budget: budget, workers: 1)
    engine = WorkerEngine(
      configuration: configuration, producers: Array(0..<client.producers), limits: limits, channels: script,
      opened: Set(0..<limits.connections), lane: lane, clock: run, shards: shards)
  }

  /// The worker is kept from acting between these times.
  func stallWorker(from: Int64, to: Int64) { stalls.append((from, to)) }

  /// Runs to the end; `reply` decides what becomes of each request.
  ///
  /// - Parameter stop: when a stop is asked for and how long it drains.
  /// - Returns: when the engine said it was done.
  @discardableResult
  func run(stop: (at: Int64, drain: Int64)? = nil, reply: (Sent) -> Reply) -> Int64 {
    if let stop { engine.stop(at: stop.at, drain: stop.drain) }
    for _ in 0..<2_000_000 {
      let now = run.now()
      guard let wake = engine.advance(to: now) else { return now }
      if engine.isBudgetSpent { engine.stop(at: now + 1, drain: limits.timeout) }
      takeSent(now, reply: reply)
      var next = min(wake, events.firstPriority ?? .max)
      if let stall = stalls.first(where: { $0.from <= next && next < $0.to }) { next = stall.to }
      if next > now { clock.set(to: Instant(nanoseconds: next)) }
      deliver(run.now())
    }
    preconditionFailure("the engine never came to its end")
  }

  private func takeSent(_ now: Int64, reply: (Sent) -> Reply) {
    for (slot, records, message) in script.sent {
      let request = Sent(slot: slot, at: now, records: records, message: message)
      sent.append(request)
      carried[slot] = sent.count
      let answer = reply(request)
      switch answer {
      case .answer(_, _, let after, _), .fail(_, let after, _):
        push(.reply(slot: slot, request: sent.count, answer), at: now + after)
      case .never: break
      }
    }
    script.sent = []
    for slot in script.closed { carried[slot] = nil }
    script.closed = []
    for slot in script.opened {
      openings.append((slot, now))
      push(acceptsConnections(now) ? .opened(slot: slot) : .refused(slot: slot), at: now + connectDelay)
    }
    script.opened = []
  }

  private func push(_ event: Event, at instant: Int64) {
    eventNumber += 1
    events.push(event, priority: instant, tieBreak: eventNumber)
  }

  private func deliver(_ now: Int64) {
    while let due = events.firstPriority, due <= now, let event = events.pop() {
      switch event {
      case .opened(let slot):
        engine.channelOpened(slot, now: now)
        if let dropsUnusedAfter { push(.dropped(slot: slot), at: now + dropsUnusedAfter) }
      case .dropped(let slot):
        if carried[slot] == nil { engine.channelClosed(slot, now: now) }
      case .refused(let slot):
        engine.failed(slot, code: "connect-refused", firstByte: nil, mayHaveBeenReceived: false, now: now)
      case .reply(let slot, let request, let reply):
        guard carried[slot] == request else { continue }
        carried[slot] = nil
        let start = sent[request - 1].at
        switch reply {
        case .answer(let status, let body, _, let keepsAlive):
          let bytes = Array(body.utf8)
          bytes.withUnsafeBytes {
            engine.answered(
              slot, status: status, body: $0, firstByte: start, lastByte: now, keepsAlive: keepsAlive)
          }
        case .fail(let code, _, let isReceived):
          engine.failed(slot, code: code, firstByte: start, mayHaveBeenReceived: isReceived, now: now)
        case .never: break
        }
      }
    }
  }

  /// Messages that the connections did not take at once.
  var keptMessages: Int { script.kept }

  /// What the engine waits for now.
  func outstanding() -> Outstanding { engine.outstanding(at: run.now(), wasCapped: false) }

  /// How busy the engine says it was.
  func load() -> EngineLoad { engine.takeLoad(at: run.now()) }

  /// Everything the lane counted, all seconds together, phase by phase.
  func totals() -> [RunCounts] {
    var sums = [RunCounts](repeating: RunCounts(), count: plan.phases.count)
    for slice in slices { sums[slice.phases.cohort].add(slice.counts) }
    return sums
  }

  /// What happened while each phase ran, and at last behind the plan's end.
  func totalsByTheClock() -> [Traffic] {
    var sums = [Traffic](repeating: Traffic(), count: plan.phases.count + 1)
    for slice in slices { sums[slice.phases.clock].add(slice.counts.traffic) }
    return sums
  }

  /// The failures the lane counted, with their messages.
  func errors() -> ErrorTable {
    var sum = ErrorTable()
    for slice in slices { sum.add(slice.errors) }
    sum.add(finished.messages)
    return sum
  }

  /// How many response times the lane kept of a shard.
  func responses(ofShard index: Int) -> Int {
    finished.responses.reduce(0) { $0 + Int($1.histograms.histogram(ofShard: index).count) }
  }

  /// What the lane counted of each shard, by index.
  func shardCounts() -> [ShardTraffic] {
    var sums: [ShardTraffic] = []
    for slice in slices {
      for index in slice.shards.indices {
        if index == sums.count { sums.append(ShardTraffic()) }
        sums[index].add(slice.shards[index])
      }
    }
    return sums
  }

  /// All latencies the lane kept.
  func latencies() -> LatencySet {
    var sum = LatencySet()
    for slice in slices { sum.add(slice.latencies) }
    return sum
  }

  private lazy var finished = lane.finishedSlices(before: .max)
  private var slices: [SecondSlice] { finished.slices }
}

/// Bodies of PutRecords answers.
enum Answers {
  /// Every record accepted on shard 0.
  static func accepted(_ count: Int) -> String { mixed(count) { _ in nil } }

  /// Record `i` fails with the code given for it.
  static func mixed(_ count: Int, code: (Int) -> String?) -> String {
    let entries = (0..<count).map { index in
      if let code = code(index) {
        return
          #"{"ErrorCode":"\#(code)","ErrorMessage":"Rate exceeded for shard shardId-000000000000 in stream orders under account 0."}"#
      }
      return #"{"SequenceNumber":"\#(100 + index)","ShardId":"shardId-000000000000"}"#
    }
    return #"{"FailedRecordCount":0,"Records":[\#(entries.joined(separator: ","))]}"#
  }
}
