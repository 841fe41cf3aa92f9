import Glibc

/// Checks that the accepted sequence numbers of each shard rise between requests that do not overlap.
///
/// What a request was given must be above everything that was answered on its shard before the request was sent. Of what
/// was answered, the highest number is kept in three layers for each shard: a *settled* one that every request on the
/// wire is known to have been sent after, a *closing* one on its way to be settled, and the *newest* of all. With
/// requests that follow each other without overlap every number is judged; among overlapping ones those that came
/// before the layers in between. Numbers are compared as integers by their digits; nothing is converted.
///
/// Memory: 232 bytes a shard. Not thread-safe: one per worker.
struct SequenceOracle: ~Copyable {
  /// Digits of the longest number kept; the service's have 56. Longer ones are not judged.
  static let mostDigits = 64

  /// A number as it was written, and until when it was the highest.
  private struct Mark {
    var length = 0
    /// The last answer it covers came at this time, nanoseconds since the run's start.
    var time = Int64.min
  }

  private struct Shard {
    var settled = Mark()
    var closing = Mark()
    var newest = Mark()
    /// Where the highest digits of the request under way stand in its answer.
    var highest = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What the numbers of the request under way must be above; empty when nothing is known.
    var floor = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Whether a number of the request under way was not above the floor.
    var hasViolated = false
  }

  /// By index. A plain allocation, since it is touched for every record.
  private var shards: UnsafeMutableBufferPointer<Shard>
  /// Three places for digits a shard, in the order of its marks.
  private var digits: UnsafeMutablePointer<UInt8>
  private var touched: [Int] = []
  private var start: Int64 = 0

  /// An oracle that has seen nothing of so many shards.
  init(shardCount: Int) {
    shards = .allocate(capacity: shardCount)
    shards.initialize(repeating: Shard())
    digits = .allocate(capacity: max(1, shardCount * 3 * Self.mostDigits))
    touched.reserveCapacity(shardCount)
  }

  deinit {
    shards.deallocate()
    digits.deallocate()
  }

  /// Takes in further shards, of which nothing was seen yet. Not between `begin` and `end`.
  mutating func makeRoom(forShards count: Int) {
    guard count > shards.count else { return }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 3 * Self.mostDigits)
    larger.update(from: digits, count: shards.count * 3 * Self.mostDigits)
    digits.deallocate()
    digits = larger
    let more = UnsafeMutableBufferPointer<Shard>.allocate(capacity: count)
    more.initialize(repeating: Shard())
    for index in shards.indices { more[index] = shards[index] }
    shards.deallocate()
    shards = more
    touched.reserveCapacity(count)
  }

  /// Begins the answer of a request.
  ///
  /// - Parameter sent: when its first byte was written, nanoseconds since the run's start.
  mutating func begin(sent: Int64) {
    start = sent
  }

  /// Looks at an accepted record's number.
  ///
  /// - Parameters:
  ///   - shard: its index in the map.
  ///   - text: the number's digits, valid until `end`.
  /// - Returns: whether it breaks the rule: not above the floor, or the very number the shard gave before it in this
  ///   answer. Within one answer the order is free.
  /// - Complexity: one comparison of digits where numbers rise within the answer.
  @inline(__always)
  mutating func note(shard: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    guard !text.isEmpty, text.count <= Self.mostDigits else { return false }
    let highest = shards[shard].highest
    if highest.isEmpty {
      shards[shard].highest = text
      shards[shard].floor = floor(of: shard)
      touched.append(shard)
    } else if text.count == highest.count, Self.isAboveByLastDigits(text, highest) {
      // Nearly always: the next number of the shard. Above one that was above the floor, it is above the floor.
      shards[shard].highest = text
      if !shards[shard].hasViolated { return false }
    } else {
      let order = Self.compare(text, highest)
      if order > 0 { shards[shard].highest = text }
      if order == 0 { return true }
      if order > 0, !shards[shard].hasViolated { return false }
    }
    let floor = shards[shard].floor
    guard !floor.isEmpty, Self.compare(text, floor) <= 0 else { return false }
    shards[shard].hasViolated = true
    return true
  }

  /// Ends the answer: its numbers become floors for requests sent from now on.
  ///
  /// - Parameters:
  ///   - answered: when its last byte was read.
  ///   - oldestSent: when the oldest request still on the wire was sent; `answered` when there is none.
  mutating func end(answered: Int64, oldestSent: Int64) {
    for index in touched.indices {
      let shard = touched[index]
      settle(shard, oldestSent: oldestSent)
      let highest = shards[shard].highest
      shards[shard].highest = UnsafeRawBufferPointer(start: nil, count: 0)
      shards[shard].hasViolated = false
      if Self.compare(highest, kept(shard, 2, shards[shard].newest)) > 0, let source = highest.baseAddress {
        memcpy(slot(shard, 2), source, highest.count)
        shards[shard].newest.length = highest.count
      }
      shards[shard].newest.time = max(shards[shard].newest.time, answered)
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// Moves the layers on once every request on the wire was sent after the closing one.
  private mutating func settle(_ shard: Int, oldestSent: Int64) {
    guard oldestSent >= shards[shard].closing.time else { return }
    memcpy(slot(shard, 0), slot(shard, 1), Self.mostDigits)
    memcpy(slot(shard, 1), slot(shard, 2), Self.mostDigits)
    shards[shard].settled = shards[shard].closing
    shards[shard].closing = shards[shard].newest
  }

  /// The highest number known to have been given before the request under way was sent; empty when there is none.
  private func floor(of shard: Int) -> UnsafeRawBufferPointer {
    let (newest, closing, settled) = (shards[shard].newest, shards[shard].closing, shards[shard].settled)
    if newest.length > 0, start >= newest.time { return kept(shard, 2, newest) }
    if closing.length > 0, start >= closing.time { return kept(shard, 1, closing) }
    if settled.length > 0, start >= settled.time { return kept(shard, 0, settled) }
    return UnsafeRawBufferPointer(start: nil, count: 0)
  }

  private func slot(_ shard: Int, _ layer: Int) -> UnsafeMutablePointer<UInt8> {
    digits + (shard * 3 + layer) * Self.mostDigits
  }

  private func kept(_ shard: Int, _ layer: Int, _ mark: Mark) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: slot(shard, layer), count: mark.length)
  }

  /// Whether two numbers of as many digits differ in the last eight alone, and the left is the greater.
  @inline(__always)
  private static func isAboveByLastDigits(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let first = left.baseAddress, let second = right.baseAddress, left.count >= 8 else { return false }
    let last = left.count &- 8
    var difference: UInt64 = 0
    var offset = 0
    while offset &+ 8 <= last {
      difference |=
        first.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ second.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    while offset < last {
      difference |= UInt64(left[offset] ^ right[offset])
      offset &+= 1
    }
    return difference == 0
      && UInt64(bigEndian: first.loadUnaligned(fromByteOffset: last, as: UInt64.self))
        > UInt64(bigEndian: second.loadUnaligned(fromByteOffset: last, as: UInt64.self))
  }

  /// Compares two numbers by their digits: negative, zero or positive as the left is less, equal or greater. Leading
  /// zeros do not count.
  @inline(__always)
  static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let left = withoutZeros(left)
    let right = withoutZeros(right)
    if left.count != right.count { return left.count - right.count }
    guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
    return Int(memcmp(first, second, left.count))
  }

  @inline(__always)
  private static func withoutZeros(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard !text.isEmpty, text[0] == UInt8(ascii: "0") else { return text }
    return UnsafeRawBufferPointer(rebasing: text.drop { $0 == UInt8(ascii: "0") })
  }
}
