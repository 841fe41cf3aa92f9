import Kinesis

/// The changes of shards that are still to come, in the order of their times.
struct TimeLine {
  /// A change of one stream's shards, or of all streams' when none is named.
  struct Step {
    var rule: ReshardRule
    /// On the time line, in nanoseconds from its origin.
    var at: Int64
    var stream: String?
  }

  /// Earlier ones first; of equal ones that which was given first.
  private(set) var steps: [Step]
  /// On the monotonic clock; nil until ``begin(at:)``.
  private(set) var origin: Int64?

  /// The changes of the settings.
  ///
  /// - Parameter origin: nil when it counts from ``begin(at:)``.
  init(_ rules: [ReshardRule], origin: Int64?) {
    steps = rules.map { Step(rule: $0, at: $0.at, stream: nil) }
    self.origin = origin
    sort()
  }

  var isEmpty: Bool { steps.isEmpty }

  /// Whether any change is about the hottest shard.
  var hasHottest: Bool {
    steps.contains { step in
      switch step.rule.change {
      case .split(let shard), .merge(let shard): shard == .hottest
      case .count: false
      }
    }
  }

  /// Lets it count from a moment, unless it does from an earlier one.
  mutating func begin(at nanoseconds: Int64) {
    if origin == nil { origin = nanoseconds }
  }

  /// Takes out the first change whose time has come, with that time on the monotonic clock.
  mutating func next(by nanoseconds: Int64) -> (step: Step, due: Int64)? {
    guard let origin, let step = steps.first else { return nil }
    let due = origin.addingSaturated(step.at)
    guard due <= nanoseconds else { return nil }
    steps.removeFirst()
    return (step, due)
  }

  /// Puts changes in at a time on the monotonic clock that is not before that of the last one taken out.
  mutating func insert(_ rule: ReshardRule, streams: [String], due: Int64) {
    let at = due.subtractingSaturated(origin ?? 0)
    steps.insert(contentsOf: streams.map { Step(rule: rule, at: at, stream: $0) }, at: 0)
    sort()
  }

  private mutating func sort() {
    // Stable, which Swift's own sort promises not to be.
    steps = steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }
}

extension EmbeddedService {
  /// Notes that records reach a stream, before anything is done to them: the time line may begin with it, rules find the
  /// hottest shard, and its records are counted.
  ///
  /// - Parameter shards: the index of each record's shard in the stream's map; asked for only where it is counted.
  @inline(__always)
  func begin<Shards: Sequence<Int>>(_ stream: EmbeddedStream, at time: ServiceTime, _ shards: () -> Shards) {
    if behaviour.origin == nil || timeLine.origin == nil {
      behaviour.begin(at: time)
      timeLine.begin(at: time.nanoseconds)
    }
    if behaviour.hasForgottenTries, !toldForgotten {
      toldForgotten = true
      warn("--fault by share: too many records to remember all; the oldest are refused anew when they come again")
    }
    guard countsAttempts else { return }
    if behaviour.hasHottestFaults {
      behaviour.aim(
        at: stream.name, at: time, hottest: { stream.number(ofIndex: stream.hottest) }, index: stream.index(ofNumber:))
    }
    stream.countAttempts(shards())
  }

  /// Puts other settings in force.
  package func change(to settings: EndpointSettings, at time: ServiceTime) {
    behaviour.change(to: settings, at: time)
    if behaviour.hasHottestFaults { countsAttempts = true }
  }

  /// Lets everything happen that is due: changes of shards, each at its own time whenever the next request may come, and
  /// the ends of passing states between them. A change finds a stream that is UPDATING when that is over.
  func follow(_ time: ServiceTime) {
    while let (step, due) = timeLine.next(by: time.nanoseconds) {
      let moment = time.moved(to: due)
      settle(moment)
      guard let name = step.stream else {
        let names = streams.values.filter(\.takesRecords).map(\.name).sorted()
        if names.isEmpty { warn("--reshard \(step.rule) did not happen: there was no stream") }
        timeLine.insert(step.rule, streams: names, due: due)
        continue
      }
      guard let stream = streams[name], stream.takesRecords else { continue }
      if stream.status == .updating, let end = stream.transitionDue {
        timeLine.insert(step.rule, streams: [name], due: max(due, end))
        continue
      }
      do throws(ServiceFailure) {
        try reshard(stream, step.rule.change, at: moment)
      } catch {
        warn("--reshard \(step.rule) of stream \(name) did not happen: \(error.message ?? error.code)")
      }
    }
    settle(time)
  }

  private func reshard(
    _ stream: EmbeddedStream, _ change: ReshardRule.Change, at time: ServiceTime
  ) throws(ServiceFailure) {
    let name = ServiceMember("StreamName", .text(stream.name))
    switch change {
    case .split(let choice):
      let shard = stream.map.shards[try index(of: choice, in: stream)]
      let middle = shard.range.start.addingSaturated((shard.range.end - shard.range.start) / 2 + 1)
      let input: [ServiceMember] = [
        name, ServiceMember("ShardToSplit", .text(shard.id)), ServiceMember("NewStartingHashKey", .text("\(middle)")),
      ]
      _ = try splitShard(.map(input), at: time)
    case .merge(let choice):
      let count = stream.openShardCount
      let lower = min(try index(of: choice, in: stream), count - 2)
      guard lower >= 0 else { throw .invalidArgument("one shard has no neighbour to be merged with") }
      let input: [ServiceMember] = [
        name, ServiceMember("ShardToMerge", .text(stream.map.shards[lower].id)),
        ServiceMember("AdjacentShardToMerge", .text(stream.map.shards[lower + 1].id)),
      ]
      _ = try mergeShards(.map(input), at: time)
    case .count(let count):
      _ = try updateShardCount(
        .map([name, ServiceMember("TargetShardCount", .integer(Int64(count)))]), at: time)
    }
  }

  private func index(of choice: ShardChoice, in stream: EmbeddedStream) throws(ServiceFailure) -> Int {
    let index = choice.index ?? stream.hottest
    guard index < stream.openShardCount else {
      throw .invalidArgument("the stream's shards are 0 to \(stream.openShardCount - 1) then")
    }
    return index
  }
}
