/// How many tries of a record were refused so far, by its print, in bounded memory.
///
/// Two generations of open addressing tables: when the younger one is full it becomes the older one, whose entries are
/// forgotten, unless they were asked for since. 8 bytes a slot, half of the slots free: 256 MiB at the bound.
package struct TryTally {
  /// So many records are remembered at least, and twice as many at most, unless told.
  package static let usualBound = 1 << 23

  /// A table of words: 56 bits of a print above the 8 bits of its count, which is never 0; 0 is a free slot.
  private struct Generation {
    static let countBits: UInt64 = 0xFF
    var slots: [UInt64] = []
    var count = 0

    /// The slot of a print, or the free one where it belongs; `slots` has a free one.
    func slot(of print: UInt64) -> Int {
      let mask = slots.count - 1
      // The upper bits: the lower ones are the count's.
      var slot = Int(truncatingIfNeeded: print >> 24) & mask
      while slots[slot] != 0, (slots[slot] ^ print) & ~Self.countBits != 0 { slot = (slot + 1) & mask }
      return slot
    }

    /// How often a print was counted.
    func tries(of print: UInt64) -> UInt64 {
      slots.isEmpty ? 0 : slots[slot(of: print)] & Self.countBits
    }

    mutating func set(_ print: UInt64, tries: UInt64) {
      if 2 * (count + 1) > slots.count { grow() }
      let slot = slot(of: print)
      if slots[slot] == 0 { count += 1 }
      slots[slot] = print & ~Self.countBits | tries
    }

    private mutating func grow() {
      let old = slots
      slots = Array(repeating: 0, count: max(16, 2 * old.count))
      for word in old where word != 0 { slots[slot(of: word)] = word }
    }
  }

  private let bound: Int
  private var young = Generation()
  private var old = Generation()
  /// Whether any record was forgotten, so that its tries may be refused anew.
  package private(set) var hasForgotten = false

  /// A tally of nothing.
  ///
  /// - Parameter bound: how many records a generation remembers.
  package init(bound: Int = Self.usualBound) {
    self.bound = bound
  }

  /// Counts a try if fewer than `limit` were counted before.
  ///
  /// - Parameter limit: at most 255.
  /// - Returns: whether it was counted, and so is to be refused.
  package mutating func take(_ print: UInt64, below limit: Int) -> Bool {
    var tries = young.tries(of: print)
    if tries == 0 { tries = old.tries(of: print) }
    let isRefused = tries < UInt64(clamping: min(limit, 255))
    if young.count >= bound, young.tries(of: print) == 0 {
      if old.count > 0 { hasForgotten = true }
      old = young
      young = Generation()
    }
    young.set(print, tries: isRefused ? tries + 1 : tries)
    return isRefused
  }
}
