import Kinesis

/// The operations on the shards of a stream.
extension EmbeddedService {
  /// How long a page token of ListShards is good for, in milliseconds (botocore, ListShards: 300 seconds).
  static let tokenLifeMilliseconds: Int64 = 300_000

  /// A page of shards: of a stream from its start, or where a token left off.
  func listShards(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let limit = min(input["MaxResults"]?.naturalNumber ?? 1000, 1000)
    let query: ShardQuery
    if let token = input["NextToken"]?.text {
      for name in ["StreamName", "StreamARN", "StreamCreationTimestamp", "ExclusiveStartShardId", "ShardFilter"]
      where input[name] != nil {
        throw .invalidArgument("NextToken and \(name) cannot be provided together.")
      }
      query = try shardQuery(ofToken: token, at: time)
    } else {
      guard input["StreamName"] != nil || input["StreamARN"] != nil else {
        throw .invalidArgument("Either NextToken or StreamName should be provided.")
      }
      query = ShardQuery(
        stream: try streamName(input), start: input["ExclusiveStartShardId"]?.text, filter: try shardFilter(input))
    }
    guard let stream = streams[query.stream] else {
      throw .streamNotFound(query.stream, account: configuration.account)
    }
    if configuration.hasControlLimits, !stream.listGate.admit(at: time.nanoseconds) {
      throw ServiceFailure(
        "LimitExceededException", "Rate exceeded for stream \(stream.name) under account \(configuration.account).")
    }
    if case .timestamp(let created) = input["StreamCreationTimestamp"] {
      // Clients hand back seconds or milliseconds of what DescribeStream said.
      guard (-999...999).contains(created.subtractingSaturated(stream.createdMilliseconds)) else {
        throw .streamNotFound(stream.name, account: configuration.account)
      }
    }
    let horizon = stream.horizon(at: time)
    let rest = try stream.listedShards(at: time).drop(upTo: query.start).filter {
      query.filter?.admits($0, horizon: horizon) ?? true
    }
    let page = rest.prefix(limit)
    var token: String?
    if rest.count > limit, let last = page.last {
      let next = ShardQuery(stream: query.stream, start: last.id, filter: query.filter)
      token = tokens.seal("\(time.milliseconds)\n\(next.text)", purpose: .shards)
    }
    return .members(("Shards", .list(page.map(\.value))), ("NextToken", token.map { .text($0) }))
  }

  /// Begins to split a shard in two: UPDATING, and the children are there after the transition.
  func splitShard(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let number = try shardNumber(input["ShardToSplit"]?.text ?? "", input)
    let stream = try activeStream(input)
    let shard = try openShard(number, of: stream)
    try checkShardQuota(adding: 1)
    let text = input["NewStartingHashKey"]?.text ?? ""
    guard let start = UInt128(text), start - min(start, 1) > shard.range.start, start < shard.range.end else {
      throw .invalidArgument(
        """
        NewStartingHashKey \(text) used in SplitShard() on shard \(shard.id) in stream \(stream.name) under account \
        \(configuration.account) is not both greater than one plus the shard's StartingHashKey \(shard.range.start) and \
        less than the shard's EndingHashKey \(shard.range.end).
        """)
    }
    try update(stream, with: [.split(number: number, newStart: start)], at: time)
    return nil
  }

  /// Begins to merge two neighbours, the lower range first.
  func mergeShards(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let lowerNumber = try shardNumber(input["ShardToMerge"]?.text ?? "", input)
    let upperNumber = try shardNumber(input["AdjacentShardToMerge"]?.text ?? "", input)
    let stream = try activeStream(input)
    let lower = try openShard(lowerNumber, of: stream)
    let upper = try openShard(upperNumber, of: stream)
    guard lower.range.end < .max, lower.range.end.addingSaturated(1) == upper.range.start else {
      throw .invalidArgument(
        """
        Shards \(lower.id) and \(upper.id) in stream \(stream.name) under account \(configuration.account) are not an \
        adjacent pair of shards eligible for merging
        """)
    }
    try update(stream, with: [.merge(lower: lowerNumber, upper: upperNumber)], at: time)
    return nil
  }

  /// Begins to bring a stream to a number of even shards, at most twice and at least half of what it has.
  func updateShardCount(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let target = input["TargetShardCount"]?.naturalNumber ?? 1
    let stream = try activeStream(input)
    guard !stream.isOnDemand else {
      throw ServiceFailure(
        "ValidationException",
        "Request is invalid. Stream \(stream.name) under account \(configuration.account) is in On-Demand mode.")
    }
    let current = stream.openShardCount
    guard target <= current * 2, target.multipliedSaturated(by: 2) >= current else {
      let bound = target > current ? "more than double" : "less than half"
      throw .invalidArgument(
        """
        UpdateShardCount cannot scale the stream \(stream.name) to \(bound) of its current open shard count \(current). \
        Target shard count: \(target).
        """)
    }
    guard target <= Self.largestTargetShardCount else {
      throw ServiceFailure(
        "LimitExceededException",
        "UpdateShardCount cannot scale a stream beyond \(Self.largestTargetShardCount) shards. Target: \(target).")
    }
    if target > current { try checkShardQuota(adding: target - current) }
    try passUpdateQuota(of: stream, at: time)
    try update(stream, with: Resharding.steps(from: stream.shards, to: target), at: time)
    return .members(
      ("StreamName", .text(stream.name)), ("CurrentShardCount", .integer(Int64(current))),
      ("TargetShardCount", .integer(Int64(target))), ("StreamARN", .text(stream.arn.description)))
  }

  /// The number of a shard id in an input.
  ///
  /// - Throws: ResourceNotFoundException when the id names no shard.
  func shardNumber(_ id: String, _ input: ServiceValue) throws(ServiceFailure) -> Int {
    guard let number = ShardDescription.number(ofID: id) else {
      throw shardNotFound(id, stream: try streamName(input))
    }
    return number
  }

  private static let largestTargetShardCount = 10_000

  private func shardNotFound(_ id: String, stream: String) -> ServiceFailure {
    ServiceFailure(
      "ResourceNotFoundException",
      "Could not find shard \(id) in stream \(stream) under account \(configuration.account).")
  }

  private func openShard(_ number: Int, of stream: EmbeddedStream) throws(ServiceFailure) -> ShardDescription {
    guard let shard = stream.shards[checked: number] else {
      throw shardNotFound(Shard.id(number: number), stream: stream.name)
    }
    guard shard.closedMilliseconds == nil else {
      throw .invalidArgument(
        "Shard \(shard.id) in stream \(stream.name) under account \(configuration.account) has already been merged "
          + "or split, and thus is not eligible for merging or splitting.")
    }
    return shard
  }

  /// Calls of UpdateShardCount in a rolling day and stream (botocore, UpdateShardCount).
  private static let updatesPerDay = 10

  private func passUpdateQuota(of stream: EmbeddedStream, at time: ServiceTime) throws(ServiceFailure) {
    guard configuration.hasControlLimits else { return }
    stream.countUpdates.removeAll { time.nanoseconds - $0 >= 86_400_000_000_000 }
    guard stream.countUpdates.count < Self.updatesPerDay else {
      throw ServiceFailure(
        "LimitExceededException",
        "Rate exceeded for stream \(stream.name) under account \(configuration.account): UpdateShardCount may be called "
          + "\(Self.updatesPerDay) times in 24 hours.")
    }
    stream.countUpdates.append(time.nanoseconds)
  }

  /// Closed shards stay readable and so in memory: a client that reshards without end is told so at ten times the quota
  /// of open ones. Deleting a stream makes room.
  private var keptShardLimit: Int { max(10_000, 10 * configuration.shardLimit) }

  private func update(
    _ stream: EmbeddedStream, with steps: [ReshardStep], at time: ServiceTime
  ) throws(ServiceFailure) {
    let kept = streams.values.reduce(0) { $0 + $1.shards.count }
    guard kept + 2 * steps.count <= keptShardLimit else {
      throw ServiceFailure(
        "LimitExceededException",
        "This endpoint keeps at most \(keptShardLimit) shards, open and closed; account \(configuration.account) has \(kept)."
      )
    }
    stream.status = .updating
    stream.pendingSteps = steps
    schedule(stream, from: time)
  }

  private func shardFilter(_ input: ServiceValue) throws(ServiceFailure) -> ShardFilter? {
    guard let filter = input["ShardFilter"], let kind = filter["Type"]?.text.flatMap(ShardFilter.Kind.init(rawValue:))
    else { return nil }
    var result = ShardFilter(kind: kind)
    switch kind {
    case .afterShardID:
      guard let id = filter["ShardId"]?.text, let number = ShardDescription.number(ofID: id) else {
        throw .invalidArgument("ShardFilter of type \(kind.rawValue) requires a valid ShardId.")
      }
      result.shardID = Shard.id(number: number)
    case .atTimestamp, .fromTimestamp:
      guard case .timestamp(let milliseconds) = filter["Timestamp"] else {
        throw .invalidArgument("ShardFilter of type \(kind.rawValue) requires a Timestamp.")
      }
      result.milliseconds = milliseconds
    case .atTrimHorizon, .fromTrimHorizon, .atLatest: break
    }
    return result
  }

  private func shardQuery(ofToken token: String, at time: ServiceTime) throws(ServiceFailure) -> ShardQuery {
    let parts = tokens.open(token, purpose: .shards)?.split(separator: "\n", maxSplits: 1)
    guard let parts, parts.count == 2, let made = Int64(parts[0]), let query = ShardQuery(String(parts[1])) else {
      throw .invalidArgument("NextToken is invalid.")
    }
    guard time.milliseconds.subtractingSaturated(made) <= Self.tokenLifeMilliseconds else {
      throw ServiceFailure("ExpiredNextTokenException", "NextToken expired: it is good for 300 seconds.")
    }
    return query
  }
}
