import Kinesis

/// What a shard made of one record.
enum Admission {
  case accepted(SequenceDigits)
  case throttled
  case internalFailure
}

/// The put operations on values: PutRecord, and PutRecords in CBOR. PutRecords in JSON decides by the same `admit`.
extension EmbeddedService {
  /// A record whose shard is known.
  struct IncomingRecord {
    var partitionKey: [UInt8]
    var explicitHashKey: UInt128?
    var data: [UInt8]
    var shard: Int

    /// What it counts against every limit.
    var byteCount: Int { partitionKey.count + data.count }
    var print: UInt64 { ContentPrint.of(key: partitionKey, hashKey: explicitHashKey, data: data) }
  }

  /// The stream that put operations of this name reach; one being created or deleted is not found.
  func writableStream(_ name: String) throws(ServiceFailure) -> EmbeddedStream {
    guard let stream = streams[name], stream.takesRecords else {
      observer?.missing(stream: name)
      throw .streamNotFound(name, account: configuration.account)
    }
    return stream
  }

  /// Offers a record to its shard: the faults, then the limits, then its sequence number.
  ///
  /// - Parameters:
  ///   - shard: the index of the shard in the stream's map.
  ///   - print: the record's content where the behaviour judges by it.
  @inline(__always)
  func admit(
    to stream: EmbeddedStream, shard: Int, byteCount: Int, at time: ServiceTime, hasFaults: Bool, print: UInt64
  ) -> Admission {
    var repeatsNumber = false
    if hasFaults {
      switch behaviour.recordFault(shard: shard, at: time, print: print) {
      case .internalFailure: return .internalFailure
      case .throttle: return .throttled
      case .duplicateSequence: repeatsNumber = true
      default: break
      }
    }
    guard (stream.firstOpen + shard).pointee.limiter.admit(bytes: byteCount, at: time.nanoseconds) else {
      return .throttled
    }
    return .accepted(stream.takeSequenceNumber(shard: shard, at: time.seconds, repeating: repeatsNumber))
  }

  /// One record; a throttled one fails the request.
  func putRecord(
    _ input: ServiceValue, at time: ServiceTime, into answer: inout ServiceAnswer
  ) throws(ServiceFailure) -> ServiceValue? {
    let stream = try writableStream(try streamName(input))
    let record = try incoming(input, ordinal: 1, stream: stream)
    try checkRecordSize(record.byteCount, of: stream)
    if let text = input["SequenceNumberForOrdering"]?.text {
      // A child shard is created a second after its parent's end, and its first numbers are from then.
      guard let sequence = Self.sequenceNumber(text),
        sequence.taken <= max(time.seconds, min(sequence.shardCreated, time.seconds.addingSaturated(1)))
      else {
        throw .invalidArgument(
          """
          ExclusiveMinimumSequenceNumber \(text) used in PutRecord on stream \(stream.name) under account \
          \(configuration.account) is invalid.
          """)
      }
    }
    capture?.add([record], at: time)
    begin(stream, at: time) { CollectionOfOne(record.shard) }
    let fault = behaviour.requestFault(at: time) { $0 == record.shard }
    answer.delay = behaviour.delay(records: 1, at: time, shardCount: stream.openShardCount) { $0 == record.shard }
    var puts = TargetCounts.Puts()
    puts.requests = 1
    defer { counts.add(puts, to: stream.name) }
    observer?.put(into: stream)
    if let failure = fault.flatMap(refusal) {
      observe(record, in: stream, ObservedTry.Outcome(failure))
      throw failure
    }
    let outcome = admit(
      to: stream, shard: record.shard, byteCount: record.byteCount, at: time, hasFaults: behaviour.hasRecordFaults,
      print: behaviour.judgesContent ? record.print : 0)
    observe(record, in: stream, ObservedTry.Outcome(outcome))
    puts.count(outcome)
    if let fault { spoil(&answer, by: fault) }
    switch outcome {
    case .accepted(let sequence):
      retain(record, in: stream, at: time)
      return .members(
        ("ShardId", .text(stream.map.shards[record.shard].id)), ("SequenceNumber", .text(sequence.description)))
    case .throttled:
      throw ServiceFailure(
        "ProvisionedThroughputExceededException", throttlingMessage(stream.map.shards[record.shard].id, of: stream))
    case .internalFailure:
      throw Self.internalFailure
    }
  }

  /// Several records given as values; each is accepted or fails alone.
  func putRecords(
    _ input: ServiceValue, at time: ServiceTime, into answer: inout ServiceAnswer
  ) throws(ServiceFailure) -> ServiceValue? {
    let stream = try writableStream(try streamName(input))
    let values = input["Records"]?.list ?? []
    // The order of PutRecords in JSON: the whole, then each record's size and hash key, then the stream's own limit.
    let limit = configuration.limits.request.bytesPerRequest
    guard values.reduce(0, { $0.addingSaturated(Self.byteCount(of: $1)) }) <= limit else {
      throw .invalidArgument("Records size exceeds \(limit >> 20) MB limit")
    }
    var records: [IncomingRecord] = []
    for (index, value) in values.enumerated() {
      records.append(try incoming(value, ordinal: index + 1, stream: stream))
    }
    for record in records { try checkRecordSize(record.byteCount, of: stream) }
    capture?.add(records, at: time)
    begin(stream, at: time) { records.lazy.map(\.shard) }
    let touched = Set(records.map(\.shard))
    let fault = behaviour.requestFault(at: time, touches: touched.contains)
    answer.delay = behaviour.delay(
      records: records.count, at: time, shardCount: stream.openShardCount, touches: touched.contains)
    var puts = TargetCounts.Puts()
    puts.requests = 1
    defer { counts.add(puts, to: stream.name) }
    observer?.put(into: stream)
    if let failure = fault.flatMap(refusal) {
      for record in records { observe(record, in: stream, ObservedTry.Outcome(failure)) }
      throw failure
    }
    let hasFaults = behaviour.hasRecordFaults
    let judgesContent = behaviour.judgesContent
    var failures: Int64 = 0
    var entries = records.map { record -> ServiceValue in
      let outcome = admit(
        to: stream, shard: record.shard, byteCount: record.byteCount, at: time, hasFaults: hasFaults,
        print: judgesContent ? record.print : 0)
      observe(record, in: stream, ObservedTry.Outcome(outcome))
      puts.count(outcome)
      switch outcome {
      case .accepted(let sequence):
        retain(record, in: stream, at: time)
        return .members(
          ("SequenceNumber", .text(sequence.description)),
          ("ShardId", .text(stream.map.shards[record.shard].id)))
      case .throttled:
        failures += 1
        return .members(
          ("ErrorCode", .text("ProvisionedThroughputExceededException")),
          ("ErrorMessage", .text(throttlingMessage(stream.map.shards[record.shard].id, of: stream))))
      case .internalFailure:
        failures += 1
        return .members(
          ("ErrorCode", .text("InternalFailure")), ("ErrorMessage", .text("Internal service failure.")))
      }
    }
    if let fault {
      if fault.kind == .wrongCount { _ = entries.popLast() }
      spoil(&answer, by: fault)
    }
    return .members(("FailedRecordCount", .integer(failures)), ("Records", .list(entries)))
  }

  /// Tells whoever observes of a record and what became of it.
  private func observe(_ record: IncomingRecord, in stream: EmbeddedStream, _ outcome: ObservedTry.Outcome) {
    observer?.add(
      key: record.partitionKey, explicitHashKey: record.explicitHashKey, data: record.data,
      shard: (stream.firstOpen + record.shard).pointee.number, outcome)
  }

  /// Keeps the record that just got its shard's last sequence number, when anything is kept.
  func retain(_ record: IncomingRecord, in stream: EmbeddedStream, at time: ServiceTime) {
    guard let store else { return }
    let state = stream.firstOpen + record.shard
    let kept = RetainedRecord(
      sequenceNumber: state.pointee.numbers.last, arrivalMilliseconds: time.milliseconds,
      partitionKey: record.partitionKey, data: record.data)
    store.keep(kept, in: stream.logs[state.pointee.number])
  }

  /// The hash key an explicit one gives.
  ///
  /// - Throws: InvalidArgumentException beyond 2^128 - 1, which refuses the whole request.
  func hash(explicit text: String) throws(ServiceFailure) -> UInt128 {
    guard let hash = UInt128(text) else {
      throw .invalidArgument(
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(text)")
    }
    return hash
  }

  /// Bytes of data and key of a record's value.
  private static func byteCount(of input: ServiceValue) -> Int {
    let key = input["PartitionKey"]?.text?.utf8.count ?? 0
    guard case .blob(let data) = input["Data"] else { return key }
    return key + data.count
  }

  private func incoming(
    _ input: ServiceValue, ordinal: Int, stream: EmbeddedStream
  ) throws(ServiceFailure) -> IncomingRecord {
    let key = input["PartitionKey"]?.text ?? ""
    guard case .blob(let data) = input["Data"] else { throw Self.internalFailure }
    let limit = configuration.limits.request.bytesPerRecord
    let byteCount = Self.byteCount(of: input)
    guard byteCount <= limit else {
      throw .invalidArgument("Record \(ordinal) has \(byteCount) bytes of data and partition key, more than \(limit)")
    }
    let explicit = try input["ExplicitHashKey"]?.text.map(hash(explicit:))
    let hash = explicit ?? PartitionKeyHash.md5(of: key)
    return IncomingRecord(
      partitionKey: Array(key.utf8), explicitHashKey: explicit, data: data, shard: stream.map.index(of: hash))
  }

  /// Refuses what is within the request's limits but over the stream's own `MaxRecordSizeInKiB`.
  func checkRecordSize(_ byteCount: Int, of stream: EmbeddedStream) throws(ServiceFailure) {
    guard byteCount <= stream.maximumRecordKiB << 10 else {
      throw .invalidArgument(
        """
        Record of \(byteCount) bytes exceeds the maximum record size of \(stream.maximumRecordKiB) KiB of stream \
        \(stream.name) under account \(configuration.account).
        """)
    }
  }
}
