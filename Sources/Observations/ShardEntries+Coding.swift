import Kinesis
import Measurement

extension ShardTrafficEntry: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(second)
    bytes.append(seconds)
    bytes.append(phases) { bytes, shards in
      bytes.append(shards.sorted { $0.key < $1.key }) { bytes, shard in
        bytes.append(shard.key)
        bytes.append(sparse: shard.value.numbers)
      }
    }
    bytes.append(peaks.sorted { $0.key < $1.key }) { bytes, peak in
      bytes.append(peak.key)
      for number in peak.value.numbers { bytes.append(number) }
    }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    let second = try cursor.int(in: RunLayout.seconds, "second")
    self.init(second: second, seconds: try cursor.int(in: 1..<(1 << 41), "width"))
    phases = try cursor.byPhases { (cursor) throws(JournalFailure) in
      let shards = try cursor.array { (cursor) throws(JournalFailure) in
        let shard = try cursor.int(in: 0..<RunLayout.maximumShards, "shard")
        var traffic = ShardTraffic()
        try traffic.read(from: &cursor)
        return (shard, traffic)
      }
      return Dictionary(shards, uniquingKeysWith: { _, last in last })
    }
    let busiest = try cursor.array { (cursor) throws(JournalFailure) in
      let shard = try cursor.int(in: 0..<RunLayout.maximumShards, "shard")
      var peak = ShardPeak()
      for path in ShardPeak.counters { peak[keyPath: path] = try JournalCursor.count(try cursor.int()) }
      return (shard, peak)
    }
    peaks = Dictionary(busiest, uniquingKeysWith: { _, last in last })
  }
}

extension ShardResponses: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(bin)
    bytes.append(phase)
    bytes.append(histograms.count)
    // One histogram at a time: those of thousands of shards are large together.
    bytes.append(histograms.usedShards) { bytes, shard in
      bytes.append(shard)
      bytes.append(histograms.histogram(ofShard: shard))
    }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    bin = try cursor.int(in: RunLayout.seconds, "bin")
    phase = try cursor.int(in: 0..<RunLayout.maximumPhases, "phase")
    let count = try cursor.int(in: 0..<RunLayout.maximumShards, "number of shards")
    let histograms = ShardHistograms(shardCount: count)
    _ = try cursor.array { (cursor) throws(JournalFailure) in
      let shard = try cursor.int(in: 0..<count, "shard")
      histograms.add(try cursor.histogram(ShardHistograms.empty), shard: shard)
    }
    self.histograms = histograms
  }
}

extension KeySnapshot: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(second == .max ? nil : second) { $0.append($1) }
    bytes.append(counts.isExact)
    if counts.isExact {
      bytes.append(UInt64(counts.exact.count))
      bytes.append(UInt64(counts.exact.count { $0 > 0 }))
      var last = 0
      for key in counts.exact.indices where counts.exact[key] > 0 {
        bytes.append(UInt64(key - last))
        bytes.append(UInt64(counts.exact[key]))
        bytes.append(UInt64(counts.peaks[key]))
        last = key
      }
    } else {
      bytes.append(Int64(counts.sketch.error))
      bytes.append(counts.sketch.entries.sorted { $0.key < $1.key }) { bytes, entry in
        bytes.append(entry.key)
        bytes.append(entry.count)
      }
    }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    second = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.int() } ?? .max
    if try cursor.bool() {
      let total = try cursor.unsigned()
      guard total <= RunLayout.maximumExactKeys else {
        throw JournalFailure("\(total) keys are not counted one by one")
      }
      var exact = [UInt32](repeating: 0, count: Int(total))
      var peaks = exact
      var key: UInt64 = 0
      for _ in 0..<(try cursor.unsigned()) {
        let (next, overflow) = key.addingReportingOverflow(try cursor.unsigned())
        guard !overflow, next < total else { throw JournalFailure("key \(next) is none of \(total)") }
        exact[Int(next)] = UInt32(clamping: try cursor.unsigned())
        peaks[Int(next)] = UInt32(clamping: try cursor.unsigned())
        key = next
      }
      counts = KeyCounts(exact: exact, peaks: peaks)
    } else {
      let error = Int64(try cursor.int(in: 0..<(1 << 40), "error"))
      let entries = try cursor.array { (cursor) throws(JournalFailure) in
        (key: try cursor.unsigned(), count: Int64(try cursor.int(in: 1..<(1 << 40), "count")))
      }
      guard let sketch = KeySketch(entries: entries, error: error) else {
        throw JournalFailure("a sketch has \(entries.count) keys")
      }
      counts = KeyCounts(sketch: sketch)
    }
  }
}

extension ShardChange: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(noticed)
    bytes.append(listed)
    for shards in [opened, closed] { bytes.append(shards) { $0.append($1) } }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    func shards(_ cursor: inout JournalCursor) throws(JournalFailure) -> [Int] {
      try cursor.array { (cursor) throws(JournalFailure) in try cursor.int(in: 0..<RunLayout.maximumShards, "shard") }
    }
    let (noticed, listed) = (try cursor.time(), try cursor.time())
    self.init(noticed: noticed, listed: listed, opened: try shards(&cursor), closed: try shards(&cursor))
  }
}

extension ShardMap: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(shards) { bytes, shard in
      bytes.append(shard.id)
      bytes.append(shard.range.start)
      bytes.append(shard.range.end)
    }
    bytes.append(openIndices) { $0.append($1) }
    bytes.append(unlisted.sorted()) { $0.append($1) }
    bytes.append(revision)
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    let shards = try cursor.array { (cursor) throws(JournalFailure) in
      let id = try cursor.string()
      let (start, end) = (try cursor.wide(), try cursor.wide())
      guard start <= end else { throw JournalFailure("shard \(id) ends before it begins") }
      return Shard(id: id, range: HashKeyRange(start: start, end: end))
    }
    let count = shards.count
    let open = try cursor.array { (cursor) throws(JournalFailure) in try cursor.int(in: 0..<count, "shard") }
    let unlisted = try cursor.array { (cursor) throws(JournalFailure) in try cursor.int(in: 0..<count, "shard") }
    guard let map = ShardMap(shards: shards, open: open, unlisted: Set(unlisted), revision: try cursor.int()) else {
      throw JournalFailure("the open shards do not cover the hash keys")
    }
    self = map
  }
}
