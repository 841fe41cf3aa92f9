import Synchronization

/// The most that a run may send, all workers together: `--max-records` and `--max-bytes`.
///
/// Every try counts, retries included, for what it puts on the wire. Whole batches are taken, so a run stops at or below
/// the bound, never above it.
package final class SendBudget: Sendable {
  private let records: Atomic<Int>
  private let bytes: Atomic<Int>

  /// A budget; nil means no bound.
  package init(records: Int?, bytes: Int?) {
    self.records = Atomic(records ?? .max)
    self.bytes = Atomic(bytes ?? .max)
  }

  /// Takes a batch out of the budget; once one did not fit, none does any more.
  ///
  /// - Returns: whether it may be sent.
  func take(records count: Int, bytes size: Int) -> Bool {
    let isWithin =
      records.subtract(count, ordering: .relaxed).newValue >= 0
      && bytes.subtract(size, ordering: .relaxed).newValue >= 0
    if !isWithin { records.store(-1, ordering: .relaxed) }
    return isWithin
  }
}
