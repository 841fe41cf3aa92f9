import Kinesis
import Measurement
import Observations

/// The heaviest keys of a run and of each shard, out of the lanes' counters. Ties go by the keys' bytes.
struct HeaviestKeys {
  private struct Candidate {
    let id: UInt64
    let count: Int
    let bytes: [UInt8]

    func isHeavier(than other: Candidate) -> Bool {
      count != other.count ? count > other.count : bytes.lexicographicallyPrecedes(other.bytes)
    }
  }

  private let layout: RunLayout
  private let names: KeyNames?
  private var heaviest: [Candidate] = []
  private var topOfShard: [Candidate?]
  private var keysOfShard: [Int]?
  private let counts: KeyCounts?
  /// By how much a counter may be too low: 0 for exact ones.
  private let error: Int

  /// Looks at every key once. O(keys), with a hash for each where keys decide about shards.
  init(layout: RunLayout, counts: KeyCounts?, names: KeyNames?) {
    self.layout = layout
    self.names = names
    self.counts = counts
    let shardCount = layout.shards.count
    topOfShard = [Candidate?](repeating: nil, count: shardCount)
    keysOfShard = nil
    error = counts.map { $0.isExact ? 0 : Int($0.sketch.error) } ?? 0
    guard let names, let counts else { return }
    if counts.isExact {
      var keys = [Int](repeating: 0, count: shardCount)
      for id in counts.exact.indices where counts.exact[id] > 0 {
        take(UInt64(id), count: Int(counts.exact[id]), names: names, keysOfShard: &keys)
      }
      if layout.isRoutedByKey { keysOfShard = keys }
    } else {
      var ignored = [Int](repeating: 0, count: shardCount)
      // Below the error a counter says nothing: with keys that are all different, every key would be listed as heavy.
      for entry in counts.sketch.entries where entry.count > counts.sketch.error {
        take(entry.key, count: Int(entry.count), names: names, keysOfShard: &ignored)
      }
    }
  }

  private mutating func take(_ id: UInt64, count: Int, names: KeyNames, keysOfShard: inout [Int]) {
    var known: Candidate?
    func candidate() -> Candidate {
      let made = known ?? Candidate(id: id, count: count, bytes: names.bytes(id))
      known = made
      return made
    }
    if layout.isRoutedByKey {
      let shard = layout.shards.index(of: names.hash(id))
      keysOfShard[shard] += 1
      if let top = topOfShard[shard] {
        if count >= top.count, candidate().isHeavier(than: top) { topOfShard[shard] = candidate() }
      } else {
        topOfShard[shard] = candidate()
      }
    }
    if let last = heaviest.last, heaviest.count == KeyRow.maximumRows {
      guard count >= last.count, candidate().isHeavier(than: last) else { return }
      heaviest.removeLast()
    }
    let position = heaviest.firstIndex { candidate().isHeavier(than: $0) } ?? heaviest.count
    heaviest.insert(candidate(), at: position)
  }

  /// Puts what is known of a shard's keys into its row. Keys are counted over the whole run, so their share is known only
  /// for a shard that was open all the time.
  func fill(_ row: inout ShardRow) {
    guard let names, layout.isRoutedByKey else { return }
    row.keys = keysOfShard?[row.shardIndex]
    guard let top = topOfShard[row.shardIndex] else { return }
    row.topKey = names.name(of: top.id)
    guard row.openFromS == nil, row.openToS == nil else { return }
    row.topKeyRatio = Quotient.divide(top.count, by: row.traffic.firstTries)
  }

  /// The rows of `keys.csv`.
  func rows(runID: String, _ all: PhaseTotals, seconds: Double, limits: AssumedLimits) -> [KeyRow] {
    guard let names else { return [] }
    return heaviest.enumerated().map { index, key in
      let hash = names.hash(key.id)
      var row = KeyRow()
      row.runID = runID
      row.rank = index + 1
      row.partitionKey = names.name(of: key.id) ?? ""
      row.hash = names.mode == .hide ? nil : hash
      row.shardIndex = layout.shards.index(of: hash)
      row.records = key.count + error
      row.recordsError = error
      // A key whose records were all sent outside the measured time has no second in it.
      if let counts, counts.isExact { row.peak1sRecords = Int(counts.peaks[Int(key.id)]) }
      row.shareRatio = Quotient.divide(row.records, by: all.counts.traffic.firstTries) ?? 0
      row.shardLimitRatio = limits.recordsPerSecond.flatMap { Quotient.divide(row.records, by: seconds * Double($0)) }
      return row
    }
  }
}
