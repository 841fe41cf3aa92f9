import Measurement

/// The due times of an open phase: record i's is a function of i alone and never falls with i.
struct ArrivalSchedule: Sendable {
  private enum Pattern: Sendable {
    case uniform
    case poisson(PoissonArrivals, total: Double)
    case bursts
  }

  private let curve: RateCurve
  private let pattern: Pattern

  /// Creates the schedule of a phase.
  init(curve: RateCurve, arrivals: ArrivalRule, random: CounterRandom) {
    self.curve = curve
    switch arrivals {
    case .uniform: pattern = .uniform
    case .bursts: pattern = .bursts
    case .poisson:
      pattern = .poisson(
        PoissonArrivals(count: curve.count, random: random), total: curve.integral(at: Double(curve.duration)))
    }
  }

  /// Records in all.
  var count: UInt64 { curve.count }

  /// What a reader in order keeps between calls.
  struct Cursor: Sendable {
    fileprivate var poisson = PoissonArrivals.Cursor()

    /// Creates a cursor at no particular place.
    init() {}
  }

  /// Nanoseconds from the phase's start to record i's due time, within `0..<duration`.
  @inline(__always)
  func due(_ index: UInt64, _ cursor: inout Cursor) -> Int64 {
    switch pattern {
    case .uniform:
      return curve.time(reaching: Double(index) + 0.5)
    case .bursts:
      return curve.time(reaching: Double(index) + 0.5) / 1_000_000_000 * 1_000_000_000
    case .poisson(let points, let total):
      return curve.time(reaching: points.point(index, &cursor.poisson) * total)
    }
  }

  /// How many records are due before a time since the phase's start, exactly. O(log records).
  func count(before time: Int64) -> UInt64 {
    if time <= 0 { return 0 }
    if time >= curve.duration { return count }
    var cursor = Cursor()
    var low: UInt64 = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if due(middle, &cursor) < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
