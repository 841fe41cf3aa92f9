/// A recorded workload in memory: for each record when, how large, which key. 16 bytes a record, 33 with hash keys.
///
/// Equal when the files' contents and the way to play them are.
package final class Trace: Sendable, Hashable {
  /// No trace has more records than this: 160 MB of memory, or 330 MB with hash keys.
  static let largestCount = 10_000_000
  /// No trace has more bytes of different keys than this.
  static let largestKeyBytes = 64 << 20

  /// One record's place in the hash-key space, apart from its key.
  struct HashKeys: Sendable {
    var values: [UInt128] = []
    var isSet: [Bool] = []
  }

  /// Since the trace's start at the speed it is played, nanoseconds; never falling.
  private let times: [Int64]
  private let sizes: [UInt32]
  private let keys: [UInt32]
  private let hashKeys: HashKeys?
  /// The partition keys by number.
  let texts: TextTable
  /// SHA-256 of the file, decompressed.
  package let contentHash: String
  /// Nanoseconds from the start of one round to that of the next: the last time and the mean gap between records.
  package let length: Int64
  /// Whether it begins anew after its end.
  package let isLooped: Bool
  /// Records of one round, at least 1.
  package var count: Int { times.count }

  /// Takes a trace that was read, its times at the file's own speed.
  init(
    times: [Int64], sizes: [UInt32], keys: [UInt32], hashKeys: HashKeys?, texts: TextTable, contentHash: String,
    speed: Double, isLooped: Bool
  ) {
    precondition(!times.isEmpty, "a trace without records")
    let scaled = speed == 1 ? times : times.map { Int64((Double($0) / speed).rounded()) }
    if zip(scaled, scaled.dropFirst()).allSatisfy({ $0 <= $1 }) {
      (self.times, self.sizes, self.keys, self.hashKeys) = (scaled, sizes, keys, hashKeys)
    } else {
      // By time, and by place in the file where times are equal.
      let order = scaled.indices.sorted { (scaled[$0], $0) < (scaled[$1], $1) }
      self.times = order.map { scaled[$0] }
      self.sizes = order.map { sizes[$0] }
      self.keys = order.map { keys[$0] }
      self.hashKeys = hashKeys.map { old in
        HashKeys(values: order.map { old.values[$0] }, isSet: order.map { old.isSet[$0] })
      }
    }
    let first = self.times[0]
    let last = self.times[times.count - 1]
    // All at one time: a round of one second, as if it were a burst of that second.
    length = last + (last > first ? max(1, (last - first) / Int64(times.count - 1)) : 1_000_000_000)
    self.texts = texts
    self.contentHash = contentHash
    self.isLooped = isLooped
  }

  /// Whether any record has a hash key of its own.
  var hasHashKeys: Bool { hashKeys != nil }
  /// The mean size, rounded.
  var meanSize: Int { sizes.reduce(0) { $0 + Int($1) } / sizes.count }

  /// The mean length of a record's key.
  var meanKeyBytes: Double { Double(keys.reduce(0) { $0 + texts.length(of: Int($1)) }) / Double(keys.count) }

  /// The place within its round of a record, rounds counted on.
  @inline(__always)
  private func position(_ number: UInt64) -> Int { isLooped ? Int(number % UInt64(times.count)) : Int(number) }

  /// When a record is due, nanoseconds since the trace's start.
  @inline(__always)
  func time(of number: UInt64) -> Int64 {
    guard isLooped else { return times[Int(number)] }
    let (round, position) = number.quotientAndRemainder(dividingBy: UInt64(times.count))
    return Int64(round) * length + times[Int(position)]
  }

  /// How many records are due before a time since the trace's start. O(log records).
  func count(before time: Int64) -> UInt64 {
    if time <= 0 { return 0 }
    let rounds = isLooped ? time / length : 0
    let within = time - rounds * length
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < within { low = middle + 1 } else { high = middle }
    }
    return UInt64(rounds) * UInt64(times.count) + UInt64(low)
  }

  /// Bytes of a record's data.
  func size(of number: UInt64) -> Int { Int(sizes[position(number)]) }
  /// The number of a record's key in `texts`.
  func key(of number: UInt64) -> Int { Int(keys[position(number)]) }
  /// A record's explicit hash key, when it has one.
  func hashKey(of number: UInt64) -> UInt128? {
    guard let hashKeys else { return nil }
    let position = position(number)
    return hashKeys.isSet[position] ? hashKeys.values[position] : nil
  }

  package static func == (left: Trace, right: Trace) -> Bool {
    (left.contentHash, left.length, left.isLooped) == (right.contentHash, right.length, right.isLooped)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(contentHash)
    hasher.combine(length)
    hasher.combine(isLooped)
  }
}
