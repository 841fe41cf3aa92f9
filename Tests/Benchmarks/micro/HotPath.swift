import Glibc
import Kinesis
import Measurement
import Observations
import Scenarios

/// The parts of a record's way, one by one, with the data of a request of 500 records of 100 bytes.
enum HotPath {
  private static let records = 500

  /// Prints a line for each part.
  static func measure() throws {
    let plan = Plan(try scenario(rate: #""max""#))
    let map = ShardMap(even: 4)
    let planned = UnsafeMutableBufferPointer<PlannedRecord>.allocate(capacity: records)
    planned.initialize(repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0))
    defer { planned.deallocate() }
    drawing(plan, into: planned)
    try schedule(into: planned)
    let buffer = RequestBuffer()
    encoding(plan, planned, buffer)
    digests(plan, planned, buffer)
    scanning(map)
    recording(planned, map)
    try distributions()
  }

  private static func scenario(rate: String) throws -> Scenario {
    let text = """
      {"schema": "shardmeter/1", "name": "bench", "stream": {"name": "bench", "shards": 4},
       "records": {"size": "100B", "key": {"type": "uniform", "cardinality": 100000}},
       "batch": {"records": \(records)}, "client": {"producers": 1},
       "phases": [{"name": "drive", "duration": "24h", "rate": \(rate)}]}
      """
    return try Scenario.load(bytes: Array(text.utf8), source: "bench", overrides: [])
  }

  private static func drawing(_ plan: Plan, into planned: UnsafeMutableBufferPointer<PlannedRecord>) {
    var cursor = plan.batches(ofProducer: 0)
    Stopwatch.measure("draw a record: key and size", operations: records) {
      cursor.nextClosed(phase: 0, now: 0, into: planned).bytes
    }
  }

  private static func schedule(into planned: UnsafeMutableBufferPointer<PlannedRecord>) throws {
    for (name, rate) in [
      ("steady", "10000"), ("line", #"{"type": "line", "from": 5000, "to": 20000}"#),
    ] {
      let plan = Plan(try scenario(rate: rate))
      var cursor = plan.batches(ofProducer: 0)
      Stopwatch.measure("schedule and draw a record, rate \(name)", operations: records) {
        guard let batch = cursor.next(into: planned) else {
          cursor = plan.batches(ofProducer: 0)
          return 0
        }
        return batch.count
      }
    }
  }

  private static func encoding(
    _ plan: Plan, _ planned: UnsafeMutableBufferPointer<PlannedRecord>, _ buffer: RequestBuffer
  ) {
    Stopwatch.measure("encode a record of 100 random bytes", operations: records) {
      buffer.beginBody(streamName: "bench")
      plan.write(PlannedRecords(UnsafeBufferPointer(planned)), into: buffer)
      buffer.endBody()
      return buffer.body.count
    }
    var words = SequenceRandom(state: 1)
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 136)
    defer { text.deallocate() }
    Stopwatch.measure("base64 text of 100 random bytes") { words.writeBase64(ofByteCount: 100, to: text) }
  }

  private static func digests(
    _ plan: Plan, _ planned: UnsafeMutableBufferPointer<PlannedRecord>, _ buffer: RequestBuffer
  ) {
    let credentials = Credentials(accessKeyID: "test", secretAccessKey: "test")
    let signer = RequestSigner(credentials: credentials, region: "us-east-1", hostHeader: "127.0.0.1:4567")
    Stopwatch.measure("sign a request of 500 records") {
      signer.finish(buffer, at: WallSeconds(1_700_000_000))
      return buffer.message.count
    }
    let body = buffer.body
    Stopwatch.measure("SHA-256 of its body") {
      var digest = SHA256()
      digest.update(body)
      return withUnsafeBytes(of: digest.finish()) { Int($0[0]) }
    }
    if let start = body.baseAddress {
      // The byte is not there: one whole pass. Its start moves from call to call, else the optimiser takes the call, which
      // has no effect, out of the loop.
      var skipped = 0
      Stopwatch.measure("memchr over a body of 500 records") {
        skipped = (skipped + 1) & 63
        return memchr(start + skipped, 0, body.count - skipped) == nil ? 1 : 2
      }
    }
    let small = RequestBuffer()
    small.beginBody(streamName: "bench")
    plan.write(planned[0], into: small)
    small.endBody()
    Stopwatch.measure("sign a request of 1 record") {
      signer.finish(small, at: WallSeconds(1_700_000_000))
      return small.message.count
    }
    let keys = planned.map { plan.keys.bytes(of: $0.key) }
    Stopwatch.measure("MD5 of 500 keys") {
      var sum = 0
      for key in keys {
        key.withUnsafeBytes { sum &+= Int(truncatingIfNeeded: PartitionKeyHash.md5($0)) }
      }
      return sum
    }
  }

  private static func scanning(_ map: ShardMap) {
    var numbers = SequenceNumberSource(shard: 0, created: 1_700_000_000)
    let texts = map.shards.map { ShardEntryText(shardID: $0.id, streamName: "bench", accountID: "000000000000") }
    let accepted = PutRecordsResponseWriter()
    accepted.begin()
    let mixed = PutRecordsResponseWriter()
    mixed.begin()
    for record in 0..<records {
      let text = texts[record * 7 % texts.count]
      accepted.appendAccepted(numbers.take(at: 1_700_000_000), text)
      if record % 2 == 0 {
        mixed.appendAccepted(numbers.take(at: 1_700_000_000), text)
      } else {
        mixed.appendThrottled(text)
      }
    }
    let results = UnsafeMutableBufferPointer<RecordResult>.allocate(capacity: records)
    results.initialize(repeating: RecordResult())
    defer { results.deallocate() }
    for (name, writer) in [("accepted", accepted), ("half of them throttled", mixed)] {
      let body = Array(writer.finish())
      var scanner = PutRecordsResponseScanner()
      body.withUnsafeBytes { body in
        Stopwatch.measure("scan a record's answer, \(name)", operations: records) {
          guard case .records(let tally) = scanner.scan(body, map: map, into: results) else { return 0 }
          return tally.accepted
        }
      }
    }
  }

  private static func recording(_ planned: UnsafeMutableBufferPointer<PlannedRecord>, _ map: ShardMap) {
    let layout = RunLayout(
      phases: [PhaseLayout(name: "drive", start: .zero, duration: .seconds(1_000))], shards: map, keyCount: 100_000)
    let lane = WorkerLane(layout: layout)
    let observed = UnsafeMutableBufferPointer<RecordObservation>.allocate(capacity: records)
    defer { observed.deallocate() }
    for index in observed.indices {
      let record = planned[index]
      var observation = RecordObservation(record)
      observation.planned.due = Int64(index) * 10_000
      observation.planned.phase = 0
      observation.shard = Int32(index % map.count)
      observation.outcome = .accepted
      observation.end = .accepted
      observed.initializeElement(at: index, to: observation)
    }
    var request = RequestObservation(phase: 0, plannedClose: 5_000_000, closed: 5_000_000)
    request.firstByte = 5_010_000
    request.lastByte = 8_000_000
    request.ended = 8_000_000
    request.status = 200
    request.outcome = .allAccepted
    Stopwatch.measure("account for a record's try", operations: records) {
      lane.observe(request, records: observed)
      return observed.count
    }
    var histogram = LatencySet.empty
    var value: Int64 = 0
    Stopwatch.measure("histogram: record a value", operations: 1_000) {
      for _ in 0..<1_000 {
        value = (value &* 25_214_903_917 &+ 11) & 0xFF_FFFF
        histogram.record(value)
      }
      return Int(histogram.count)
    }
  }

  private static func distributions() throws {
    let random = CounterRandom(seed: 1, domain: 1)
    let keys: [(String, KeyDistribution)] = [
      ("uniform", try .uniform(cardinality: 10_000_000)), ("zipf", try .zipf(exponent: 0.99, cardinality: 10_000_000)),
    ]
    for (name, distribution) in keys {
      var index: UInt64 = 0
      Stopwatch.measure("sample a key of 10,000,000, \(name)") {
        index += 1
        return Int(distribution.sample(random, index, due: .zero))
      }
    }
    let sizes: [(String, SizeDistribution)] = [
      ("uniform", try .uniform(min: 100, max: 10_000)),
      ("lognormal", try .logNormal(median: 700, p99: 8_192, max: 65_536)),
    ]
    for (name, distribution) in sizes {
      var index: UInt64 = 0
      Stopwatch.measure("sample a size, \(name)") {
        index += 1
        return distribution.sample(random, index)
      }
    }
  }
}
