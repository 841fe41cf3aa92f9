/// Different texts, numbered in the order they came, in one block of bytes: about 20 bytes a text beside its own.
///
/// - Complexity: `insert` and `index(of:)` O(bytes of the text) on average.
struct TextTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each text ends in `bytes`.
  private var ends: [UInt32] = []
  /// Open addressing over the texts' numbers plus one; 0 is free. A power of two in length.
  private var slots: [UInt32] = []

  /// An empty table.
  init() {}

  /// How many texts.
  var count: Int { ends.count }
  /// Bytes of all texts.
  var byteCount: Int { bytes.count }
  /// Bytes of the longest text.
  private(set) var longest = 0

  /// The place of a text in `bytes`.
  @inline(__always)
  private func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// Bytes of a text.
  @inline(__always)
  func length(of index: Int) -> Int { range(index).count }

  /// Copies a text and returns its length.
  @inline(__always)
  func write(_ index: Int, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    let range = range(index)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { destination.update(from: start + range.lowerBound, count: range.count) }
    }
    return range.count
  }

  /// A text's bytes during the call.
  func withBytes<Result>(of index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let range = range(index)
    return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Enters a text, unless it is there already.
  ///
  /// - Returns: its number.
  mutating func insert(_ text: UnsafeRawBufferPointer) -> Int {
    if 2 * (count + 1) > slots.count { grow() }
    let slot = freeOrOwnSlot(of: text)
    if slots[slot] > 0 { return Int(slots[slot]) - 1 }
    append(text)
    slots[slot] = UInt32(count)
    return count - 1
  }

  /// Enters a text without looking whether it is there; such texts are not found by `index(of:)`.
  mutating func append(_ text: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: text)
    precondition(bytes.count <= UInt32.max, "texts of \(bytes.count) bytes")
    ends.append(UInt32(bytes.count))
    longest = max(longest, text.count)
  }

  /// A text's number, if it is there.
  func index(of text: UnsafeRawBufferPointer) -> Int? {
    if slots.isEmpty { return nil }
    let found = slots[freeOrOwnSlot(of: text)]
    return found > 0 ? Int(found) - 1 : nil
  }

  /// The slot that holds a text, or the free one where it belongs. At least half of the slots are free.
  private func freeOrOwnSlot(of text: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: text)
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] > 0, !withBytes(of: Int(slots[slot]) - 1, { $0.elementsEqual(text) }) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: max(16, 2 * slots.count))
    for index in 0..<count {
      let slot = withBytes(of: index) { freeOrOwnSlot(of: $0) }
      slots[slot] = UInt32(index + 1)
    }
  }
}
