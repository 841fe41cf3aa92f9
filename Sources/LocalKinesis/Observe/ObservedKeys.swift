import Kinesis
import Observations

/// Counts records by partition key: exactly up to a million keys, beyond that the heaviest by a sketch.
///
/// Keys are known by their MD5, which also places them. Their texts are kept only when they may be shown.
struct ObservedKeys {
  private let keepsTexts: Bool
  /// One more than the key's index; 0 for none. Open addressing.
  private var slots: [UInt32]
  private var hashes: [UInt128] = []
  private var counts: [UInt32] = []
  /// Tries in the current second and the most in one.
  private var current: [UInt32] = []
  private var peaks: [UInt32] = []
  private var touched: [UInt32] = []
  private var texts: [[UInt8]] = []
  private var sketch: KeySketch?
  /// Whether every record so far was placed by its key.
  private(set) var isPlacing = true

  /// No key yet.
  ///
  /// - Parameter keepsTexts: whether keys may be shown as they are.
  init(keepsTexts: Bool) {
    self.keepsTexts = keepsTexts
    slots = [UInt32](repeating: 0, count: 1 << 10)
  }

  /// Notes that a record was placed by an explicit hash key.
  mutating func noteExplicitHashKey() { isPlacing = false }

  /// Counts a try of a key. Amortised O(1).
  ///
  /// - Parameters:
  ///   - isFirst: whether it is the record's first.
  ///   - text: the key itself; asked for when the key is new and may be shown.
  @inline(__always)
  mutating func count(_ hash: UInt128, isFirst: Bool, text: () -> [UInt8]) {
    if sketch != nil {
      if isFirst { sketch?.count(Self.sketched(hash)) }
      return
    }
    guard let index = index(of: hash, text: text) else { return }
    if isFirst { counts[index] &+= 1 }
    if current[index] == 0 { touched.append(UInt32(truncatingIfNeeded: index)) }
    current[index] &+= 1
  }

  /// Ends a second: peaks are of whole seconds.
  mutating func endSecond() {
    for index in touched {
      peaks[Int(index)] = max(peaks[Int(index)], current[Int(index)])
      current[Int(index)] = 0
    }
    touched.removeAll(keepingCapacity: true)
  }

  private mutating func index(of hash: UInt128, text: () -> [UInt8]) -> Int? {
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while slots[place] != 0 {
      let index = Int(slots[place]) &- 1
      if hashes[index] == hash { return index }
      place = (place &+ 1) & mask
    }
    guard hashes.count < Int(RunLayout.maximumExactKeys) else {
      turnIntoSketch(counting: hash)
      return nil
    }
    hashes.append(hash)
    counts.append(0)
    current.append(0)
    peaks.append(0)
    if keepsTexts { texts.append(text()) }
    slots[place] = UInt32(hashes.count)
    if hashes.count * 2 > slots.count { grow() }
    return hashes.count - 1
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for index in hashes.indices {
      var place = Int(truncatingIfNeeded: hashes[index]) & mask
      while slots[place] != 0 { place = (place + 1) & mask }
      slots[place] = UInt32(index + 1)
    }
  }

  /// One key too many: from now on the heaviest are looked for.
  private mutating func turnIntoSketch(counting hash: UInt128) {
    var made = KeySketch(capacity: KeySketch.defaultCapacity)
    for index in hashes.indices where counts[index] > 0 {
      made.count(Self.sketched(hashes[index]), times: Int64(counts[index]))
    }
    made.count(Self.sketched(hash))
    sketch = made
    (slots, hashes, counts, current, peaks, touched, texts) = ([], [], [], [], [], [], [])
  }

  /// A sketch knows keys by the half of their hash that places them.
  private static func sketched(_ hash: UInt128) -> UInt64 { UInt64(truncatingIfNeeded: hash >> 64) }

  /// How many keys there are; `nil` once they are too many to be counted.
  var keyCount: Int? { sketch == nil ? hashes.count : nil }

  /// The counts as results take them, and how keys are called.
  ///
  /// - Parameter mode: what may be shown of a key. Keys beyond a million are called by half of their hash.
  func result(mode: KeyNames.Mode) -> (counts: KeyCounts, names: KeyNames) {
    if let sketch {
      let names = KeyNames(
        mode: mode == .show ? .hash : mode, bytes: { id in withUnsafeBytes(of: id.bigEndian) { Array($0) } },
        hash: { UInt128($0) << 64 })
      return (KeyCounts(sketch: sketch), names)
    }
    var ended = self
    ended.endSecond()
    let (hashes, texts, keepsTexts) = (hashes, texts, keepsTexts)
    let names = KeyNames(
      mode: mode,
      bytes: { id in
        guard let index = Int(exactly: id), hashes.indices.contains(index) else { return [] }
        return keepsTexts ? texts[index] : withUnsafeBytes(of: hashes[index].bigEndian) { Array($0) }
      },
      hash: { id in
        guard let index = Int(exactly: id), hashes.indices.contains(index) else { return 0 }
        return hashes[index]
      })
    return (KeyCounts(exact: ended.counts, peaks: ended.peaks), names)
  }
}
