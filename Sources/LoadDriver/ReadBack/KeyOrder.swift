import Kinesis
import Observations
import Scenarios

/// Finds records that stand behind a later one of their partition key, in memory that is bounded whatever the plan.
///
/// A record is *reordered* when one of its key that the plan sends later was seen before it: the definition of RFC 4737
/// section 3.3 with the plan's order as the sequence. Kept is the latest record seen of each key, 4 bytes a key. Of plans
/// with more than 8 Mi keys only every n-th key is judged, so that the table stays at 32 MiB.
struct KeyOrder {
  /// The most keys of which the latest record is kept.
  static let tableLimit: UInt64 = 1 << 23

  private let plan: Plan
  private let probe: RecordProbe
  /// By phase, records of all phases before it.
  private let before: [UInt64]
  /// By key (or by every n-th), 1 + the running number of its latest record; 0 before any.
  private var latest: [UInt32]
  /// Every how many keys one is judged.
  let step: UInt64

  /// Nothing seen yet; `nil` where order within a key means nothing or cannot be known: records placed by explicit hash
  /// keys, and more records than 32 bits number.
  ///
  /// - Parameter recordCounts: by phase, one past the last record that may be met.
  init?(_ plan: Plan, probe: RecordProbe, recordCounts: [UInt64]) {
    var before: [UInt64] = []
    var sum: UInt64 = 0
    for count in recordCounts {
      before.append(sum)
      sum += count
    }
    guard plan.isRoutedByKey, sum < UInt64(UInt32.max) else { return nil }
    self.plan = plan
    self.probe = probe
    self.before = before
    // Where every record has a key of its own there is no order to keep.
    let keys = plan.keys.count ?? 0
    step = max(1, (keys + Self.tableLimit - 1) / Self.tableLimit)
    latest = Array(repeating: 0, count: Int((keys + step - 1) / step))
  }

  /// Takes the first sighting of a record.
  ///
  /// - Returns: whether it was reordered; `nil` when its key is not judged.
  mutating func note(_ record: PlannedRecord) -> Bool? {
    let phase = Int(record.phase)
    guard probe.knowsKeys(ofPhase: phase), record.key % step == 0 else { return nil }
    let slot = Int(clamping: record.key / step)
    guard slot < latest.count else { return nil }
    let number = UInt32(truncatingIfNeeded: before[phase] + record.index + 1)
    if number < latest[slot] { return true }
    latest[slot] = number
    return false
  }
}
