import Kinesis

/// One stream: its shards, its status, and for each open shard what the put operations touch.
///
/// Not Sendable: it belongs to the one service that holds it.
final class EmbeddedStream {
  /// The stream's state; the raw value is its name on the wire.
  enum Status: String {
    case creating = "CREATING"
    case active = "ACTIVE"
    case updating = "UPDATING"
    case deleting = "DELETING"
  }

  /// What the put operations touch of an open shard; all of them lie side by side, in the order of `map`.
  struct OpenShard {
    var limiter: ShardLimiter
    var numbers: SequenceNumberSource
    /// The fixed parts of its entries in an answer.
    let text: ShardEntryText
    let number: Int
    let createdSeconds: Int64
  }

  let name: String
  let arn: StreamARN
  let createdMilliseconds: Int64
  var status: Status {
    didSet { if status == .active { wasActive = true } }
  }
  /// Whether it ever was ACTIVE: before, it shows no shards.
  private(set) var wasActive: Bool
  /// When the stream leaves a passing status, on the monotonic clock.
  var transitionDue: Int64?
  /// What is done to the shards at `transitionDue`.
  var pendingSteps: [ReshardStep] = []
  var isOnDemand = false
  var maximumRecordKiB: Int
  var retentionHours = 24
  var tags: [String: String] = [:]

  /// All shards that ever were, by number.
  private(set) var shards: [ShardDescription]
  /// The open shards by hash range.
  private(set) var map: ShardMap
  /// What the put operations touch, by the index in `map`. Pointers, so that a record's shard is changed in place: the
  /// buffer's subscript read from another file copied the whole shard for its texts.
  @exclusivity(unchecked) private(set) var firstOpen: UnsafeMutablePointer<OpenShard>
  private(set) var openShardCount = 0
  /// The next counters of closed shards, for iterators that stand at their end.
  private var closedCounters: [Int: UInt64] = [:]
  private let limiterRule: ShardLimiter.Rule
  /// The kept records by shard number; empty when nothing is kept.
  private(set) var logs: [ShardLog] = []
  private let isRetaining: Bool
  /// Records sent to each shard by its number, retries included; kept only where a rule is about the hottest shard.
  private(set) var attempts: [Int: UInt64] = [:]
  var readGates: [Int: ReadGate] = [:]
  /// ListShards is limited by stream, GetShardIterator by shard.
  var listGate = RateGate(perSecond: 1000)
  var iteratorGates: [Int: RateGate] = [:]
  /// When UpdateShardCount was called within the last day, on the monotonic clock; kept under control-plane limits only.
  var countUpdates: [Int64] = []

  /// A stream with its first shards.
  ///
  /// - Parameters:
  ///   - ranges: the hash ranges, ascending and without gaps.
  ///   - rule: the write limits of each shard.
  ///   - maximumRecordKiB: the largest record it takes.
  ///   - isRetaining: whether records are kept to be read back.
  ///   - time: the moment of creation.
  init(
    name: String, arn: StreamARN, ranges: [HashKeyRange], rule: ShardLimiter.Rule, maximumRecordKiB: Int,
    isRetaining: Bool, status: Status, at time: ServiceTime
  ) throws {
    self.name = name
    self.arn = arn
    self.status = status
    wasActive = status == .active
    self.isRetaining = isRetaining
    self.maximumRecordKiB = maximumRecordKiB
    createdMilliseconds = time.milliseconds
    limiterRule = rule
    // Two seconds back, so that records of the first second have later seconds than the shard, as the service does.
    let created = time.seconds - 2
    shards = ranges.enumerated().map { index, range in
      ShardDescription(
        number: index, range: range, parentID: nil, adjacentParentID: nil, createdSeconds: created,
        openedMilliseconds: created * 1000, closedMilliseconds: nil)
    }
    map = try Self.openMap(shards)
    firstOpen = .allocate(capacity: 0)
    rebuildOpenShards()
  }

  deinit {
    firstOpen.deinitialize(count: openShardCount)
    firstOpen.deallocate()
  }

  private var open: UnsafeMutableBufferPointer<OpenShard> {
    UnsafeMutableBufferPointer(start: firstOpen, count: openShardCount)
  }

  /// Whether put operations reach it: a stream that is being created or deleted is not found.
  var takesRecords: Bool { status == .active || status == .updating }

  /// The oldest instant its records may be from, in milliseconds since the epoch.
  func horizon(at time: ServiceTime) -> Int64 {
    time.milliseconds.subtractingSaturated(Int64(retentionHours).multipliedSaturated(by: 3_600_000))
  }

  /// The shards that the listing operations show: closed ones until the last of their records is beyond the retention
  /// period (Amazon Kinesis guide, "Data routing, data persistence, and shard state after a reshard").
  func listedShards(at time: ServiceTime) -> [ShardDescription] {
    guard wasActive else { return [] }
    let horizon = horizon(at: time)
    return shards.filter { ($0.closedMilliseconds ?? .max) >= horizon }
  }

  /// Does what was planned for `transitionDue` to the shards; the limiters of shards that stay keep their state.
  func applyPendingSteps(at time: ServiceTime) {
    guard !pendingSteps.isEmpty else { return }
    var changed = shards
    for step in pendingSteps { Resharding.apply(step, to: &changed, at: time.milliseconds) }
    pendingSteps = []
    // Steps were checked when they were asked for; any that would tear the ranges leaves the stream as it was.
    guard let map = try? Self.openMap(changed) else { return }
    (shards, self.map) = (changed, map)
    rebuildOpenShards()
  }

  /// Takes the next sequence number of an open shard; they rise with every record of the shard.
  ///
  /// - Parameters:
  ///   - shard: the index in `map`.
  ///   - seconds: the wall clock; a child shard's records are never older than the shard.
  ///   - isRepeated: gives out the number before once more, which is a fault on purpose.
  @inline(__always)
  func takeSequenceNumber(shard: Int, at seconds: Int64, repeating isRepeated: Bool) -> SequenceDigits {
    let state = firstOpen + shard
    if isRepeated, state.pointee.numbers.last.counter > 0 { return state.pointee.numbers.last.digits }
    return state.pointee.numbers.take(at: max(seconds, state.pointee.createdSeconds))
  }

  /// Counts records sent to open shards.
  ///
  /// - Parameter shards: indices in `map`, one a record.
  func countAttempts(_ shards: some Sequence<Int>) {
    for shard in shards { attempts[(firstOpen + shard).pointee.number, default: 0] += 1 }
  }

  /// The index in `map` of the shard that most records were sent to; the first of equals. O(shards).
  var hottest: Int {
    let counts = open.map { attempts[$0.number] ?? 0 }
    return counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0
  }

  /// The number of an open shard.
  func number(ofIndex index: Int) -> Int { open[index].number }

  /// The index in `map` of a shard; nil when it is closed. O(shards).
  func index(ofNumber number: Int) -> Int? { open.firstIndex { $0.number == number } }

  /// The counter that the next record of a shard would get, or would have got.
  func nextCounter(ofShard number: Int) -> UInt64 {
    open.first { $0.number == number }.map { $0.numbers.last.counter + 1 } ?? closedCounters[number] ?? 1
  }

  /// The open ones of some shards by hash range.
  private static func openMap(_ shards: [ShardDescription]) throws(ShardMapFailure) -> ShardMap {
    try ShardMap(
      shards: shards.filter { $0.closedMilliseconds == nil }.map { Shard(id: $0.id, range: $0.range) })
  }

  /// Brings what the put operations touch in line with the open shards, whose limiters and numbers go on.
  private func rebuildOpenShards() {
    var states: [Int: OpenShard] = [:]
    for shard in open { states[shard.number] = shard }
    let opened = shards.filter { $0.closedMilliseconds == nil }.sorted { $0.range.start < $1.range.start }
    let renewed = UnsafeMutablePointer<OpenShard>.allocate(capacity: opened.count)
    for (index, shard) in opened.enumerated() {
      let state =
        states.removeValue(forKey: shard.number)
        ?? OpenShard(
          limiter: ShardLimiter(rule: limiterRule),
          numbers: SequenceNumberSource(shard: UInt32(shard.number), created: shard.createdSeconds),
          text: ShardEntryText(shardID: shard.id, streamName: name, accountID: arn.account), number: shard.number,
          createdSeconds: shard.createdSeconds)
      (renewed + index).initialize(to: state)
    }
    for (number, state) in states { closedCounters[number] = state.numbers.last.counter + 1 }
    firstOpen.deinitialize(count: openShardCount)
    firstOpen.deallocate()
    firstOpen = renewed
    openShardCount = opened.count
    if isRetaining {
      while logs.count < shards.count { logs.append(ShardLog()) }
    }
  }
}
