import Kinesis

/// The operations that read records back.
extension EmbeddedService {
  /// Bytes of data and keys one answer of GetRecords may carry: 10 MiB (botocore, GetRecords).
  static let bytesPerRead = 10 * 1_048_576
  /// Records one answer of GetRecords may carry (botocore, GetRecords).
  static let recordsPerRead = 10_000

  /// Calls of GetShardIterator a second and shard (botocore, GetShardIterator).
  private static let iteratorsPerSecond = 5

  /// A place in a shard to read from.
  func getShardIterator(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let number = try shardNumber(input["ShardId"]?.text ?? "", input)
    let name = try streamName(input)
    guard let stream = streams[name], let shard = stream.shards[checked: number] else {
      throw shardGone(number, stream: name)
    }
    if configuration.hasControlLimits {
      let gate = RateGate(perSecond: Self.iteratorsPerSecond)
      guard stream.iteratorGates[number, default: gate].admit(at: time.nanoseconds) else {
        throw ServiceFailure(
          "ProvisionedThroughputExceededException", throttlingMessage(Shard.id(number: number), of: stream))
      }
    }
    guard let type = input["ShardIteratorType"]?.text.flatMap(ShardIteratorType.init(rawValue:)) else {
      throw .validation([InputConstraint.oneOf(ShardIteratorType.allCases.map(\.rawValue)).text])
    }
    let iterator = ShardIterator(
      stream: name, shard: number, counter: try counter(type, input, stream, shard, at: time),
      madeMilliseconds: time.milliseconds)
    return .members(("ShardIterator", .text(tokens.seal(iterator.text, purpose: .iterator))))
  }

  /// Records from a place on, and the place after them; no place after the end of a closed shard, but its children.
  func getRecords(_ input: ServiceValue, at time: ServiceTime) throws(ServiceFailure) -> ServiceValue? {
    let token = input["ShardIterator"]?.text ?? ""
    guard let iterator = tokens.open(token, purpose: .iterator).flatMap(ShardIterator.init(_:)) else {
      throw .invalidArgument("Invalid ShardIterator.")
    }
    guard time.milliseconds.subtractingSaturated(iterator.madeMilliseconds) <= ShardIterator.lifeMilliseconds else {
      throw ServiceFailure(
        "ExpiredIteratorException",
        """
        Iterator expired. The iterator was created at time \(UTCText.text(iterator.madeMilliseconds)) while right now it \
        is \(UTCText.text(time.milliseconds)) which is further in the future than the tolerated delay of \
        \(ShardIterator.lifeMilliseconds) milliseconds.
        """)
    }
    guard let stream = streams[iterator.stream], let shard = stream.shards[checked: iterator.shard] else {
      throw shardGone(iterator.shard, stream: iterator.stream)
    }
    if configuration.hasReadLimits {
      guard stream.readGates[iterator.shard, default: ReadGate()].admit(at: time.nanoseconds) else {
        throw ServiceFailure(
          "ProvisionedThroughputExceededException",
          throttlingMessage(Shard.id(number: iterator.shard), of: stream))
      }
    }
    return read(stream, shard, iterator, limit: input["Limit"]?.naturalNumber ?? Self.recordsPerRead, at: time)
  }

  private func read(
    _ stream: EmbeddedStream, _ shard: ShardDescription, _ iterator: ShardIterator, limit: Int, at time: ServiceTime
  ) -> ServiceValue {
    var records: ArraySlice<RetainedRecord> = []
    if let store, let log = stream.logs[checked: shard.number] {
      store.expire(log, before: stream.horizon(at: time))
      records = log.records(from: iterator.counter)
    }
    var taken: [ServiceValue] = []
    var bytes = 0
    var next = iterator.counter
    var last: Int64?
    for record in records.prefix(limit) {
      // The first record is given out whatever its size, else a reader could never pass it.
      guard taken.isEmpty || bytes + record.byteCount <= Self.bytesPerRead else { break }
      bytes += record.byteCount
      taken.append(record.value)
      next = record.sequenceNumber.counter.addingSaturated(1)
      last = record.arrivalMilliseconds
    }
    if configuration.hasReadLimits {
      stream.readGates[iterator.shard, default: ReadGate()].charge(bytes: bytes, at: time.nanoseconds)
    }
    let isBehind = records.count > taken.count
    let isAtEnd = shard.closedMilliseconds != nil && !isBehind
    var follower = iterator
    follower.counter = next
    follower.madeMilliseconds = time.milliseconds
    return .members(
      ("Records", .list(taken)),
      ("NextShardIterator", isAtEnd ? nil : .text(tokens.seal(follower.text, purpose: .iterator))),
      ("MillisBehindLatest", .integer(isBehind ? max(1, time.milliseconds - (last ?? time.milliseconds)) : 0)),
      ("ChildShards", isAtEnd ? .list(children(of: shard, in: stream)) : nil))
  }

  private func children(of parent: ShardDescription, in stream: EmbeddedStream) -> [ServiceValue] {
    stream.shards.filter { $0.parentID == parent.id || $0.adjacentParentID == parent.id }.map { child in
      let parents = [child.parentID, child.adjacentParentID].compactMap { $0 }
      return .members(
        ("ShardId", .text(child.id)), ("ParentShards", .list(parents.map { .text($0) })),
        ("HashKeyRange", child.rangeValue))
    }
  }

  private func counter(
    _ type: ShardIteratorType, _ input: ServiceValue, _ stream: EmbeddedStream, _ shard: ShardDescription,
    at time: ServiceTime
  ) throws(ServiceFailure) -> UInt64 {
    let text = input["StartingSequenceNumber"]?.text
    switch type {
    case .trimHorizon, .latest:
      guard text == nil else { throw mismatch(type, "and also a StartingSequenceNumber") }
      return type == .latest ? stream.nextCounter(ofShard: shard.number) : 0
    case .atSequenceNumber, .afterSequenceNumber:
      guard let text else { throw mismatch(type, "and no StartingSequenceNumber") }
      let counter = try startingCounter(text, stream, shard)
      return type == .afterSequenceNumber ? counter.addingSaturated(1) : counter
    case .atTimestamp:
      guard case .timestamp(let milliseconds) = input["Timestamp"] else {
        throw .invalidArgument(
          "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
            + "Current request has no timestamp parameter.")
      }
      guard milliseconds <= time.milliseconds else {
        throw .invalidArgument(
          """
          The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: \
          \(milliseconds), currentTimestampInMillis: \(time.milliseconds)
          """)
      }
      let found = stream.logs[checked: shard.number]?.counter(arrivedFrom: milliseconds)
      return found ?? stream.nextCounter(ofShard: shard.number)
    }
  }

  private func startingCounter(
    _ text: String, _ stream: EmbeddedStream, _ shard: ShardDescription
  ) throws(ServiceFailure) -> UInt64 {
    let place =
      "StartingSequenceNumber \(text) used in GetShardIterator on shard \(shard.id) in stream \(stream.name) "
      + "under account \(configuration.account)"
    guard let sequence = Self.sequenceNumber(text) else { throw .invalidArgument("\(place) is invalid.") }
    guard Int(sequence.shard) == shard.number else {
      throw .invalidArgument(
        "Invalid StartingSequenceNumber. It encodes \(Shard.id(number: Int(sequence.shard))), "
          + "while it was used in a call to a shard with \(shard.id)")
    }
    guard sequence.shardCreated == shard.createdSeconds else {
      throw .invalidArgument("\(place) is invalid because it did not come from this stream.")
    }
    return sequence.counter
  }

  /// Shards created at or after this second (in the year 2477) are nobody's: mhart/kinesalite db/index.js,
  /// `parseSequence`.
  private static let createdLimit: Int64 = 16_025_175_000

  /// Reads a sequence number that a client gives; nil when it is none the service could have made.
  static func sequenceNumber(_ text: String) -> SequenceNumber? {
    SequenceNumber(decimal: text).flatMap { $0.shardCreated < createdLimit ? $0 : nil }
  }

  private func mismatch(_ type: ShardIteratorType, _ found: String) -> ServiceFailure {
    .invalidArgument(
      """
      Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON \
      or LATEST and no StartingSequenceNumber. Request specified \(type.rawValue) \(found).
      """)
  }

  private func shardGone(_ number: Int, stream: String) -> ServiceFailure {
    ServiceFailure(
      "ResourceNotFoundException",
      "Shard \(Shard.id(number: number)) in stream \(stream) under account \(configuration.account) does not exist")
  }
}
