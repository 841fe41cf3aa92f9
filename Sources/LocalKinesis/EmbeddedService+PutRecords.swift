import Kinesis

/// PutRecords in JSON: one pass over the body, one over its records, no allocation for a record, and a tree only to say what
/// is wrong.
extension EmbeddedService {
  /// Answers a request whose target and content type say PutRecords in JSON.
  func putRecords(_ request: ServiceRequest, at time: ServiceTime, into answer: inout ServiceAnswer) {
    let outcome = decoder.decode(request.body)
    do throws(ServiceFailure) {
      if outcome == .malformed { throw ServiceFailure("SerializationException", nil) }
      try authorize(request, at: time)
      if outcome == .irregular {
        guard let tree = JSONServiceCodec.decode(request.body) else {
          throw ServiceFailure("SerializationException", nil)
        }
        _ = try checked(tree, for: .putRecords)
      }
      try putDecodedRecords(at: time, into: &answer)
    } catch {
      write(error, .json, into: &answer)
    }
  }

  private func putDecodedRecords(at time: ServiceTime, into answer: inout ServiceAnswer) throws(ServiceFailure) {
    let stream = try writableStream(try decodedStreamName())
    if let refusal = decoder.argumentRefusal { throw ServiceFailure(refusal.code, refusal.message) }
    let records = decoder.records
    // The decoder admits no more records than a request may have, and so than there are routes.
    guard records.count <= routes.count else { throw Self.internalFailure }
    let largest = stream.maximumRecordKiB << 10
    // Held here: asking the stream for each record would copy the map's references each time.
    let map = stream.map
    for index in 0..<records.count {
      guard records[index].size <= largest else {
        try checkRecordSize(records[index].size, of: stream)
        continue
      }
      let hashKey = decoder.hashKey(of: records[index])
      routes[index] = Int32(truncatingIfNeeded: map.index(of: hashKey))
      if index < hashKeys.count { hashKeys[index] = hashKey }
    }
    capture?.add(records, of: decoder, at: time)
    begin(stream, at: time) { routes[..<records.count].lazy.map(Int.init) }
    let touches = { (shard: Int) in self.routes[..<records.count].contains(Int32(truncatingIfNeeded: shard)) }
    let fault = behaviour.settings.faults.isEmpty ? nil : behaviour.requestFault(at: time, touches: touches)
    answer.delay = behaviour.delay(
      records: records.count, at: time, shardCount: stream.openShardCount, touches: touches)
    var puts = TargetCounts.Puts()
    puts.requests = 1
    defer { counts.add(puts, to: stream.name) }
    observer?.put(into: stream)
    if let failure = fault.flatMap(refusal) {
      if observer != nil {
        for index in 0..<records.count { observe(index, in: stream, ObservedTry.Outcome(failure)) }
      }
      throw failure
    }

    let hasFaults = behaviour.hasRecordFaults
    let judgesContent = behaviour.judgesContent
    let shown = fault?.kind == .wrongCount ? records.count - 1 : records.count
    writer.begin()
    for index in 0..<records.count {
      let shard = Int(routes[index])
      let record = records[index]
      let outcome = admit(
        to: stream, shard: shard, byteCount: record.size, at: time, hasFaults: hasFaults,
        print: judgesContent ? decoder.print(of: record) : 0)
      puts.count(outcome)
      if case .accepted = outcome, store != nil { retain(record, shard: shard, in: stream, at: time) }
      if observer != nil { observe(index, in: stream, ObservedTry.Outcome(outcome)) }
      guard index < shown else { continue }
      switch outcome {
      case .accepted(let sequence): writer.appendAccepted(sequence, (stream.firstOpen + shard).pointee.text)
      case .throttled: writer.appendThrottled((stream.firstOpen + shard).pointee.text)
      case .internalFailure: writer.appendInternalFailure()
      }
    }
    answer.headers.append(("Content-Type", ContentType.json.rawValue))
    answer.borrowedBody = writer.finish()
    if let fault { spoil(&answer, by: fault) }
  }

  /// Tells of a record of the request in hand.
  private func observe(_ index: Int, in stream: EmbeddedStream, _ outcome: ObservedTry.Outcome) {
    let record = decoder.records[index]
    let key = decoder.key(of: record)
    observer?.add(
      key: key, keyHash: record.hasExplicitHashKey ? MD5.digest(key) : hashKeys[index],
      explicitHashKey: record.hasExplicitHashKey ? record.explicitHashKey : nil, base64: decoder.dataText(of: record),
      shard: (stream.firstOpen + Int(routes[index])).pointee.number, size: record.size, outcome)
  }

  private func decodedStreamName() throws(ServiceFailure) -> String {
    guard let arn = decoder.streamARN else {
      guard !decoder.streamName.isEmpty else {
        throw .invalidArgument("Either StreamName or StreamARN should be provided.")
      }
      return decoder.streamName
    }
    return try streamName(
      .members(("StreamName", .text(decoder.streamName)), ("StreamARN", .text(arn))))
  }

  private func retain(_ record: RequestRecord, shard: Int, in stream: EmbeddedStream, at time: ServiceTime) {
    var data: [UInt8] = []
    Base64.decode(decoder.dataText(of: record), into: &data)
    retain(
      IncomingRecord(partitionKey: Array(decoder.key(of: record)), data: data, shard: shard), in: stream, at: time)
  }
}
