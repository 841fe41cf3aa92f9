/// Prints of records with their place in the order of first sight and whether they were accepted: 16 bytes each, in open
/// addressing.
///
/// It holds two generations. When the younger one is full, the older one is forgotten: what is remembered is always the
/// latest half of the bound at least. A generation grows by doubling, so that a short observation takes little memory.
///
/// Not Sendable: it belongs to the book that holds it.
final class PrintTable {
  /// What is known of a record that was seen before.
  struct Entry: Hashable {
    /// Its place in the order of first sight, from 0.
    var ordinal: UInt64
    /// Whether it was accepted before this try.
    var wasAccepted: Bool
  }

  /// Slots of both generations together: 256 MiB.
  static let defaultSlots = 1 << 24

  private struct Slot {
    var print: UInt64 = 0
    /// 0 for none; else the ordinal plus one, shifted by one bit, which says whether it was accepted.
    var state: UInt64 = 0
  }

  private var young: UnsafeMutableBufferPointer<Slot>
  private var old: UnsafeMutableBufferPointer<Slot>
  private var used = 0
  private var usedOfOld = 0
  private let largest: Int
  /// How many records were forgotten: what is counted of repeats and losses is a bound from then on.
  private(set) var forgotten = 0

  /// An empty table.
  ///
  /// - Parameter slots: of both generations together; a power of two, at least 32.
  init(slots: Int = PrintTable.defaultSlots) {
    precondition(slots >= 32 && slots & (slots - 1) == 0, "the slots are a power of two")
    largest = slots / 2
    young = Self.make(min(1 << 12, largest))
    old = Self.make(0)
  }

  /// The same prints in a table of its own. O(slots).
  init(copying other: PrintTable) {
    largest = other.largest
    young = .allocate(capacity: other.young.count)
    _ = young.initialize(from: other.young)
    old = .allocate(capacity: other.old.count)
    _ = old.initialize(from: other.old)
    (used, usedOfOld, forgotten) = (other.used, other.usedOfOld, other.forgotten)
  }

  deinit {
    young.deallocate()
    old.deallocate()
  }

  /// Takes note of a try. Amortised O(1).
  ///
  /// - Parameters:
  ///   - ordinal: its place in the order of first sight, should it be new.
  ///   - isAccepted: whether this try was accepted.
  /// - Returns: what was known before; `nil` for a record seen for the first time.
  func note(_ print: UInt64, ordinal: UInt64, isAccepted: Bool) -> Entry? {
    if let found = Self.find(print, in: young) { return Self.update(young, found, isAccepted) }
    if usedOfOld > 0, let found = Self.find(print, in: old) { return Self.update(old, found, isAccepted) }
    if (used + 1) * 8 > young.count * 7 { makeRoom() }
    Self.insert(Slot(print: print, state: (ordinal + 1) << 1 | (isAccepted ? 1 : 0)), into: young)
    used += 1
    return nil
  }

  private static func update(_ slots: UnsafeMutableBufferPointer<Slot>, _ place: Int, _ isAccepted: Bool) -> Entry {
    let state = slots[place].state
    if isAccepted { slots[place].state = state | 1 }
    return Entry(ordinal: (state >> 1) - 1, wasAccepted: state & 1 == 1)
  }

  private func makeRoom() {
    if young.count < largest {
      let larger = Self.make(young.count * 2)
      for slot in young where slot.state != 0 { Self.insert(slot, into: larger) }
      young.deallocate()
      young = larger
    } else {
      forgotten += usedOfOld
      old.deallocate()
      (old, usedOfOld) = (young, used)
      (young, used) = (Self.make(largest), 0)
    }
  }

  private static func make(_ count: Int) -> UnsafeMutableBufferPointer<Slot> {
    let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: Slot())
    return slots
  }

  private static func find(_ print: UInt64, in slots: UnsafeMutableBufferPointer<Slot>) -> Int? {
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: print) & mask
    while slots[place].state != 0 {
      if slots[place].print == print { return place }
      place = (place &+ 1) & mask
    }
    return nil
  }

  private static func insert(_ slot: Slot, into slots: UnsafeMutableBufferPointer<Slot>) {
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: slot.print) & mask
    while slots[place].state != 0 { place = (place &+ 1) & mask }
    slots[place] = slot
  }
}
