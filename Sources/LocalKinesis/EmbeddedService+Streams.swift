import Kinesis

/// The operations on whole streams.
extension EmbeddedService {
  /// Settles every transition whose time has come. O(streams) when there is one, else O(1).
  func settle(_ time: ServiceTime) {
    guard nextTransition <= time.nanoseconds else { return }
    nextTransition = .max
    for stream in streams.values {
      guard let due = stream.transitionDue else { continue }
      guard due <= time.nanoseconds else {
        nextTransition = min(nextTransition, due)
        continue
      }
      stream.transitionDue = nil
      switch stream.status {
      case .deleting:
        store?.drop(stream.logs)
        streams[stream.name] = nil
      case .creating, .updating, .active:
        stream.applyPendingSteps(at: time.moved(to: due))
        stream.status = .active
      }
    }
  }

  /// Lets a stream leave its passing status after the configured time.
  func schedule(_ stream: EmbeddedStream, from time: ServiceTime) {
    let due = time.nanoseconds.addingSaturated(configuration.transition)
    stream.transitionDue = due
    nextTransition = min(nextTransition, due)
  }

  /// A stream with these ranges under this endpoint's limits.
  func makeStream(
    _ name: String, _ ranges: [HashKeyRange], status: EmbeddedStream.Status, at time: ServiceTime
  ) throws -> EmbeddedStream {
    try EmbeddedStream(
      name: name,
      arn: StreamARN(region: configuration.region, account: configuration.account, streamName: name),
      ranges: ranges, rule: configuration.limits.rule,
      maximumRecordKiB: configuration.limits.request.bytesPerRecord >> 10, isRetaining: store != nil, status: status,
      at: time)
  }

  /// The name an input gives to its stream, directly or in an ARN.
  ///
  /// - Throws: ResourceNotFoundException for an ARN of another account or region, InvalidArgumentException when name and
  ///   ARN differ.
  func streamName(_ input: ServiceValue) throws(ServiceFailure) -> String {
    let name = input["StreamName"]?.text
    guard let text = input["StreamARN"]?.text, let arn = StreamARN(text) else { return name ?? "" }
    if let name, name != arn.streamName {
      throw .invalidArgument("StreamName \(name) does not match the stream of StreamARN \(text).")
    }
    guard arn.account == configuration.account, arn.region == configuration.region else {
      throw .streamNotFound(arn.streamName, account: arn.account)
    }
    return arn.streamName
  }

  /// The stream an input names, in whatever status.
  func stream(_ input: ServiceValue) throws(ServiceFailure) -> EmbeddedStream {
    let name = try streamName(input)
    guard let stream = streams[name] else { throw .streamNotFound(name, account: configuration.account) }
    return stream
  }

  /// The stream an input names, which has to be ACTIVE.
  func activeStream(_ input: ServiceValue) throws(ServiceFailure) -> EmbeddedStream {
    let stream = try stream(input)
    guard stream.status == .active else {
      throw ServiceFailure(
        "ResourceInUseException",
        "Stream \(stream.name) under account \(configuration.account) not ACTIVE, "
          + "instead in state \(stream.status.rawValue)")
    }
    return stream
  }

  /// Refuses what would take the account over its shard quota.
  ///
  /// - Parameter added: shards the request would open on top of those there are.
  func checkShardQuota(adding added: Int) throws(ServiceFailure) {
    let current = streams.values.reduce(0) { $0 + $1.openShardCount }
    guard current.addingSaturated(added) > configuration.shardLimit else { return }
    throw ServiceFailure(
      "LimitExceededException",
      """
      This request would exceed the shard limit for the account \(configuration.account) in \(configuration.region). \
      Current shard count for the account: \(current). Limit: \(configuration.shardLimit). Number of additional shards \
      that would have resulted from this request: \(added). Refer to the AWS Service Limits page \
      (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request \
      higher limits.
      """)
  }

  /// Begins a stream: CREATING, and ACTIVE after the transition.
  func createStream(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let name = input["StreamName"]?.text ?? ""
    let isOnDemand = input["StreamModeDetails"]?["StreamMode"]?.text == "ON_DEMAND"
    guard streams[name] == nil else {
      throw ServiceFailure(
        "ResourceInUseException", "Stream \(name) under account \(configuration.account) already exists.")
    }
    let count: Int
    switch (input["ShardCount"]?.naturalNumber, isOnDemand) {
    case (let requested?, false): count = requested
    // An on-demand stream begins with 4 shards: 4 MB/s (Amazon Kinesis guide, how-do-i-size-a-stream).
    case (nil, true): count = 4
    case (nil, false): throw .validation(["Value null at 'shardCount' failed to satisfy constraint: \(notNull)"])
    case (_?, true): throw .invalidArgument("ShardCount must not be provided for a stream of mode ON_DEMAND.")
    }
    try checkShardQuota(adding: count)
    let creating = streams.values.count { $0.status == .creating }
    guard creating < Self.creatingLimit else {
      throw ServiceFailure(
        "LimitExceededException",
        "Rate exceeded for account \(configuration.account). \(creating) streams are being created already.")
    }
    do {
      let stream = try makeStream(name, HashKeyRange.even(count: count), status: .creating, at: time)
      schedule(stream, from: time)
      stream.isOnDemand = isOnDemand
      stream.maximumRecordKiB = input["MaxRecordSizeInKiB"]?.naturalNumber ?? stream.maximumRecordKiB
      if case .map(let tags) = input["Tags"] {
        for tag in tags { stream.tags[tag.name] = tag.value.text ?? "" }
      }
      streams[name] = stream
    } catch {
      throw Self.internalFailure
    }
    return nil
  }

  /// Ends a stream: DELETING, and gone after the transition; asked again, it is gone no later.
  func deleteStream(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    guard stream.status != .deleting else { return nil }
    stream.status = .deleting
    stream.pendingSteps = []
    schedule(stream, from: time)
    return nil
  }

  /// A stream without its shards.
  func describeStreamSummary(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    var members = common(stream)
    let openCount = stream.wasActive ? stream.openShardCount : 0
    members.append(ServiceMember("OpenShardCount", .integer(Int64(openCount))))
    members.append(ServiceMember("ConsumerCount", .integer(0)))
    members.append(ServiceMember("MaxRecordSizeInKiB", .integer(Int64(stream.maximumRecordKiB))))
    return .members(("StreamDescriptionSummary", .map(members)))
  }

  /// A stream with a page of its shards, 100 unless told.
  func describeStream(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    let limit = input["Limit"]?.naturalNumber ?? 100
    let rest = try stream.listedShards(at: time).drop(upTo: input["ExclusiveStartShardId"]?.text)
    var members = common(stream)
    members.append(ServiceMember("Shards", .list(rest.prefix(limit).map(\.value))))
    members.append(ServiceMember("HasMoreShards", .bool(rest.count > limit)))
    return .members(("StreamDescription", .map(members)))
  }

  /// A page of the streams in order of name, 100 unless told.
  func listStreams(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue? {
    let limit = input["Limit"]?.naturalNumber ?? 100
    var start = input["ExclusiveStartStreamName"]?.text
    if let token = input["NextToken"]?.text {
      guard let content = tokens.open(token, purpose: .streams) else {
        throw .invalidArgument("NextToken is invalid.")
      }
      start = content
    }
    let names = streams.keys.sorted().filter { name in start.map { name > $0 } ?? true }
    let page = names.prefix(limit)
    let hasMore = names.count > limit
    return .members(
      ("StreamNames", .list(page.map { .text($0) })), ("HasMoreStreams", .bool(hasMore)),
      ("NextToken", hasMore ? page.last.map { .text(tokens.seal($0, purpose: .streams)) } : nil),
      ("StreamSummaries", .list(page.compactMap { streams[$0].map(summary) })))
  }

  /// The account's use and quotas.
  func describeLimits() -> ServiceValue? {
    .members(
      ("ShardLimit", .integer(Int64(configuration.shardLimit))),
      ("OpenShardCount", .integer(Int64(streams.values.reduce(0) { $0 + $1.openShardCount }))),
      ("OnDemandStreamCount", .integer(Int64(streams.values.count { $0.isOnDemand }))),
      ("OnDemandStreamCountLimit", .integer(50)))
  }

  /// At most so many streams are CREATING at once (botocore, CreateStream).
  private static let creatingLimit = 5

  private var notNull: String { InputConstraint.notNull.text }

  private func mode(_ stream: EmbeddedStream) -> ServiceValue {
    .members(("StreamMode", .text(stream.isOnDemand ? "ON_DEMAND" : "PROVISIONED")))
  }

  private func summary(_ stream: EmbeddedStream) -> ServiceValue {
    .members(
      ("StreamName", .text(stream.name)), ("StreamARN", .text(stream.arn.description)),
      ("StreamStatus", .text(stream.status.rawValue)), ("StreamModeDetails", mode(stream)),
      ("StreamCreationTimestamp", .timestamp(milliseconds: stream.createdMilliseconds)))
  }

  private func common(_ stream: EmbeddedStream) -> [ServiceMember] {
    guard case .map(var members) = summary(stream) else { return [] }
    members.append(ServiceMember("RetentionPeriodHours", .integer(Int64(stream.retentionHours))))
    members.append(ServiceMember("EnhancedMonitoring", .list([.members(("ShardLevelMetrics", .list([])))])))
    members.append(ServiceMember("EncryptionType", .text("NONE")))
    return members
  }
}

extension Array<ShardDescription> {
  /// The shards after the one named; all when none is named.
  ///
  /// - Throws: an InvalidArgumentException when the id is no shard id.
  func drop(upTo id: String?) throws(ServiceFailure) -> ArraySlice<ShardDescription> {
    guard let id else { return self[...] }
    guard let number = ShardDescription.number(ofID: id) else {
      throw .invalidArgument("ExclusiveStartShardId \(id) is not a shard id.")
    }
    return drop { $0.number <= number }
  }
}
