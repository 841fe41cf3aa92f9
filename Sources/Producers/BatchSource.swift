import Kinesis
import Measurement
import Scenarios

/// The batches that a group of producers fills by the plan, one open at a time for each of them, and the memory of all.
///
/// A value without clock: instants are nanoseconds since the run's start and come in as arguments.
struct BatchSource: ~Copyable {
  /// A `max` phase.
  private struct ClosedLoop {
    let phase: Int
    let start: Int64
    let end: Int64
  }

  private let capacity: Int
  private var cursors: [BatchCursor]
  private let planned: UnsafeMutableBufferPointer<PlannedRecord>
  private var open = MinimumHeap<RecordBatch>()
  private var pool: [RecordBatch] = []
  /// The producer whose open batch was taken and whose next one is not planned yet.
  private var bare: Int?
  /// The `max` phases in order of time.
  private let closedLoops: [ClosedLoop]
  /// Whose turn it is in a `max` phase.
  private var turn = 0

  /// The end of the last `max` phase; the least number when there is none.
  let closedLoopEnd: Int64

  /// The batches of logical producers, numbered here by their place.
  init(_ plan: Plan, producers: [Int]) {
    capacity = plan.scenario.batch.records
    cursors = producers.map { plan.batches(ofProducer: $0) }
    planned = .allocate(capacity: capacity)
    planned.initialize(repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0))
    closedLoops = plan.phases.enumerated().compactMap {
      guard case .closed = $0.element.loop else { return nil }
      return ClosedLoop(phase: $0.offset, start: $0.element.start.value, end: $0.element.end.value)
    }
    closedLoopEnd = closedLoops.last?.end ?? .min
    open.reserveCapacity(producers.count)
    for producer in cursors.indices { prepare(producer) }
  }

  deinit { planned.deallocate() }

  /// Whether the plan's open phases hold no further batch.
  var isEmpty: Bool { open.isEmpty && bare == nil }

  /// When the open batch that is next reaches its last limit by the plan; nil when there is none.
  ///
  /// Valid after `prepare`.
  var firstClose: Int64? { open.firstPriority }

  /// Plans the batch that follows the one taken last.
  ///
  /// Apart from taking it, so that what was taken can be sent before the next one costs any time.
  mutating func prepare() {
    guard let producer = bare else { return }
    bare = nil
    prepare(producer)
  }

  private mutating func prepare(_ producer: Int) {
    guard let shape = cursors[producer].next(into: planned) else { return }
    let batch = takeSpare()
    batch.fill(from: planned, batch: shape, producer: producer, isClosedLoop: false)
    open.push(batch, priority: batch.plannedClose, tieBreak: producer)
  }

  /// Takes the open batch that closes first. `prepare` comes before the next one.
  mutating func takeOpen() -> RecordBatch? {
    guard let batch = open.pop() else { return nil }
    bare = batch.producer
    return batch
  }

  /// Takes the open batches one by one, and plans no others.
  mutating func popOpen() -> RecordBatch? { open.pop() }

  /// The `max` phase that holds an instant.
  func closedLoop(at now: Int64) -> Int? {
    guard now < closedLoopEnd else { return nil }
    // By index: without optimisation an iterator allocates.
    for index in closedLoops.indices {
      let loop = closedLoops[index]
      if loop.start <= now && now < loop.end { return loop.phase }
    }
    return nil
  }

  /// When the next `max` phase begins after an instant.
  func closedLoopStart(after now: Int64) -> Int64? {
    closedLoops.first { now < $0.start }?.start
  }

  /// Takes a batch of a `max` phase, full at once and due now, of each producer in turn.
  mutating func takeClosed(phase: Int, at now: Int64) -> RecordBatch {
    let batch = takeSpare()
    let producer = turn
    turn = (turn + 1) % cursors.count
    let shape = cursors[producer].nextClosed(phase: phase, now: now, into: planned)
    batch.fill(from: planned, batch: shape, producer: producer, isClosedLoop: true)
    return batch
  }

  /// By producer, the first record of a phase that it has taken into no batch yet.
  func firstUntaken(in phase: Int) -> [UInt64] { cursors.map { $0.firstUntaken(in: phase) } }

  /// A batch that nobody uses.
  mutating func takeSpare() -> RecordBatch { pool.popLast() ?? RecordBatch(capacity: capacity) }

  /// Takes a batch back.
  mutating func recycle(_ batch: RecordBatch) { pool.append(batch) }
}
