import Kinesis
import Scenarios

/// Where a plan's records fall in the hash-key space, should its generated keys have other names.
///
/// Generated names are arbitrary, and with them the hash: `key-00000001` is on the same shard as `key-00000007` by mere
/// chance. Draw 0 has the names as they are; each other one has names of its own. Keys named by the scenario or by a trace,
/// explicit hash keys, and keys of which every record has one of its own are the same in every draw.
package struct KeyDraw: Sendable {
  /// A key whose records are given turn and turn about to several: `K-0`, `K-1`, …
  package struct Spread: Sendable, Equatable {
    /// The key's number in the plan's catalog.
    package var key: UInt64
    /// How many keys it becomes, at least 1.
    package var parts: Int

    /// A spread key.
    package init(key: UInt64, parts: Int) { (self.key, self.parts) = (key, parts) }
  }

  let plan: Plan
  /// 0 for the names as they are.
  package let number: Int
  /// At most one key is spread.
  package let spread: Spread?

  /// A draw of names.
  package init(_ plan: Plan, number: Int = 0, spread: Spread? = nil) {
    self.plan = plan
    self.number = number
    self.spread = spread
  }

  /// A key's place in the hash-key space.
  package func hash(ofKey id: UInt64) -> UInt128 {
    guard number > 0, plan.keys.isGenerated(id), !plan.keys.isUnbounded(id) else { return plan.keys.hash(of: id) }
    return hash(ofKey: id, suffix: "~\(number)")
  }

  /// The place of one of the keys that a spread key becomes.
  func hash(ofPart part: Int, of id: UInt64) -> UInt128 {
    hash(ofKey: id, suffix: number > 0 ? "~\(number)-\(part)" : "-\(part)")
  }

  private func hash(ofKey id: UInt64, suffix: String) -> UInt128 {
    var name = plan.keys.bytes(of: id)
    name.append(contentsOf: suffix.utf8)
    return name.withUnsafeBytes { PartitionKeyHash.md5($0) }
  }
}

/// Which of some ranges of hash keys each record of a plan belongs to.
struct RecordPlacement {
  /// Up to so many keys have their shards looked up once.
  private static let mostKept: UInt64 = 1 << 22

  private let draw: KeyDraw
  private let map: ShardMap
  private let isByKey: Bool
  /// By key; -1 for one not looked up yet. Empty where keys are too many or do not decide.
  private var shardOfKey: [Int32]
  /// The shards of the parts of the spread key.
  private let parts: [Int32]

  /// Places the records of a draw.
  init(_ draw: KeyDraw, on map: ShardMap) {
    self.draw = draw
    self.map = map
    isByKey = draw.plan.isRoutedByKey
    let count = isByKey ? draw.plan.keys.count ?? .max : .max
    shardOfKey = count <= Self.mostKept ? Array(repeating: -1, count: Int(count)) : []
    parts =
      draw.spread.map { spread in
        (0..<spread.parts).map { Int32(map.index(of: draw.hash(ofPart: $0, of: spread.key))) }
      } ?? []
  }

  /// The index of the shard that takes a record.
  mutating func shard(of record: PlannedRecord) -> Int {
    if !isByKey, let hash = draw.plan.explicitHashKey(of: record) { return map.index(of: hash) }
    if !parts.isEmpty, record.key == draw.spread?.key { return Int(parts[Int(record.index % UInt64(parts.count))]) }
    guard !shardOfKey.isEmpty else { return map.index(of: draw.hash(ofKey: record.key)) }
    let known = shardOfKey[Int(record.key)]
    if known >= 0 { return Int(known) }
    let shard = map.index(of: draw.hash(ofKey: record.key))
    shardOfKey[Int(record.key)] = Int32(shard)
    return shard
  }
}
