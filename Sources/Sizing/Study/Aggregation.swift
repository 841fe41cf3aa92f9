import Kinesis
import Measurement

/// What packing user records into the producer library's aggregated records would do to a load.
///
/// Sizes are those of the format (awslabs/amazon-kinesis-producer, aggregation-format.md): four bytes in front, a protobuf
/// message with a table of keys and the records, an MD5 of sixteen bytes behind; the aggregated record's own key is `a`.
/// Each producer fills one aggregate a shard, and sends it when the next record would make it larger than 51,200 bytes (the
/// library's AggregationMaxSize) or when the batch that its first record would have been in is 100 ms old (its
/// RecordMaxBufferedTime).
struct Aggregation {
  /// Bytes of an aggregated record, the library's default.
  static let largest = 51_200
  /// How long an aggregate waits, nanoseconds.
  static let wait: Int64 = 100_000_000
  /// Magic, digest and the key `a`.
  private static let frame = 4 + 16 + 1

  /// What becomes of a load.
  struct Result {
    var row = SweepRow()
    /// Aggregated records, and user records in one on the average.
    var records = 0
    var perRecord = 0.0
    /// Bytes/s on the wire, data and keys of the aggregated records, over the judged time.
    var bytesPerSecond = 0.0
  }

  /// One aggregate that fills.
  private struct Open {
    var bytes = 0
    var users = 0
    var judged = 0
    var opened: Int64 = 0
    var keys: [UInt32: Int] = [:]
  }

  /// One aggregate that is sent.
  private struct Sent {
    var instant: Int64
    var shard: Int
    var bytes: Int
    var users: Int
    /// How many of its user records are judged.
    var judged: Int
  }

  /// The load of some shards after packing, stepped exactly.
  ///
  /// - Parameter starts: the first hash key of each shard, rising from 0.
  /// - Complexity: O(records).
  static func result(
    _ load: OfferedLoad, on starts: [UInt128], in draw: KeyDraw, rule: ShardLimiter.Rule, limits: AssumedUse
  ) -> Result {
    let cells = HashCells([starts])
    let shardOfPlace = load.positions(in: draw).map { cells.cell(of: $0) }
    let keyBytes = (0..<load.placeCount).map { load.keyBytes(ofPlace: $0) }
    var open: [Int: Open] = [:]
    var sent: [Sent] = []
    func close(_ slot: Int, _ aggregate: Open, at instant: Int64) {
      sent.append(
        Sent(
          instant: instant, shard: slot % starts.count, bytes: aggregate.bytes + frame, users: aggregate.users,
          judged: aggregate.judged))
    }
    for batch in load.batches {
      for record in batch.first..<batch.first + batch.count {
        let place = load.places[record]
        let slot = batch.producer * starts.count + shardOfPlace[Int(place)]
        var aggregate = open[slot] ?? Open()
        if aggregate.users > 0, batch.instant - aggregate.opened >= wait {
          close(slot, aggregate, at: aggregate.opened + wait)
          aggregate = Open()
        }
        let data = Int(load.sizes[record]) - keyBytes[Int(place)]
        var more = bytes(ofRecord: data, key: aggregate.keys[place] ?? aggregate.keys.count)
        if aggregate.keys[place] == nil { more += field(keyBytes[Int(place)]) }
        if aggregate.users > 0, aggregate.bytes + more + frame > largest {
          close(slot, aggregate, at: batch.instant)
          aggregate = Open()
          more = bytes(ofRecord: data, key: 0) + field(keyBytes[Int(place)])
        }
        if aggregate.users == 0 { aggregate.opened = batch.instant }
        if aggregate.keys[place] == nil { aggregate.keys[place] = aggregate.keys.count }
        aggregate.bytes += more
        aggregate.users += 1
        if batch.isMeasured { aggregate.judged += 1 }
        open[slot] = aggregate
      }
    }
    for (slot, aggregate) in open where aggregate.users > 0 { close(slot, aggregate, at: aggregate.opened + wait) }
    sent.sort { ($0.instant, $0.shard, $0.bytes) < ($1.instant, $1.shard, $1.bytes) }
    return stepped(sent, shards: starts.count, rule: rule, limits: limits, seconds: load.measuredSeconds)
  }

  private static func stepped(
    _ sent: [Sent], shards: Int, rule: ShardLimiter.Rule, limits: AssumedUse, seconds: Double
  ) -> Result {
    var limiters = Array(repeating: ShardLimiter(rule: rule), count: shards)
    var loads = Array(repeating: (records: 0, bytes: 0, throttled: 0), count: shards)
    var result = Result()
    var users = 0
    for record in sent {
      let isTaken = limiters[record.shard].admit(bytes: record.bytes, at: record.instant)
      guard record.judged > 0 else { continue }
      result.row.records += record.judged
      loads[record.shard].records += 1
      loads[record.shard].bytes += record.bytes
      result.records += 1
      users += record.users
      guard !isTaken else { continue }
      result.row.throttled += record.judged
      loads[record.shard].throttled += 1
    }
    result.row.shards = shards
    result.row.shardsThrottled = loads.count { $0.throttled > 0 }
    result.perRecord = result.records > 0 ? Double(users) / Double(result.records) : 0
    guard seconds > 0 else { return result }
    result.bytesPerSecond = Double(loads.reduce(0) { $0 + $1.bytes }) / seconds
    for (index, load) in loads.enumerated() {
      let use = limits.use(records: Double(load.records) / seconds, bytes: Double(load.bytes) / seconds)
      if use.value > result.row.peakUse {
        (result.row.peakUse, result.row.term, result.row.hottest) = (use.value, use.term, index)
      }
    }
    result.row.meanUse =
      limits.use(
        records: Double(result.records) / seconds / Double(shards), bytes: result.bytesPerSecond / Double(shards)
      ).value
    return result
  }

  /// A user record's entry: index of its key, data, and the message's own head.
  private static func bytes(ofRecord data: Int, key: Int) -> Int { field(1 + varint(key) + field(data)) }

  /// A field of some bytes: tag, length, bytes.
  private static func field(_ count: Int) -> Int { 1 + varint(count) + count }

  /// Bytes of a number in protobuf's form.
  private static func varint(_ value: Int) -> Int {
    var (rest, bytes) = (value >> 7, 1)
    while rest > 0 {
      rest >>= 7
      bytes += 1
    }
    return bytes
  }
}
