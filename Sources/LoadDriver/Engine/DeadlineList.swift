/// The busy connection slots in the order in which their requests time out.
///
/// Every request has the same timeout, so the order of starting is the order of the deadlines and a doubly linked list
/// over slot numbers is enough: start, finish and expiry are O(1) at any number of connections, without allocation.
struct DeadlineList {
  private static let none: Int32 = -1

  private var next: [Int32]
  private var previous: [Int32]
  private var deadline: [Int64]
  private var isListed: [Bool]
  private var head = DeadlineList.none
  private var tail = DeadlineList.none

  init(slots: Int) {
    next = Array(repeating: Self.none, count: slots)
    previous = next
    deadline = Array(repeating: 0, count: slots)
    isListed = Array(repeating: false, count: slots)
  }

  /// The earliest deadline, in nanoseconds since the run's start.
  var firstDeadline: Int64? { head == Self.none ? nil : deadline[Int(head)] }
  /// The slot it belongs to.
  var firstSlot: Int? { head == Self.none ? nil : Int(head) }

  /// Enters a slot; its deadline must not be earlier than those already listed.
  mutating func append(slot: Int, deadline instant: Int64) {
    precondition(!isListed[slot], "slot \(slot) already waits for an answer")
    isListed[slot] = true
    deadline[slot] = instant
    previous[slot] = tail
    next[slot] = Self.none
    if tail == Self.none { head = Int32(slot) } else { next[Int(tail)] = Int32(slot) }
    tail = Int32(slot)
  }

  /// Takes a slot out; does nothing when it is not listed.
  mutating func remove(slot: Int) {
    guard isListed[slot] else { return }
    isListed[slot] = false
    let before = previous[slot]
    let after = next[slot]
    if before == Self.none { head = after } else { next[Int(before)] = after }
    if after == Self.none { tail = before } else { previous[Int(after)] = before }
  }
}
