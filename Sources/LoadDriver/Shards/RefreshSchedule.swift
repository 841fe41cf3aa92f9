import Observations

/// When a run's shard map is asked for again: a value without clock. Times are nanoseconds since the run's start.
struct RefreshSchedule {
  /// The least time between two looks.
  static let interval: Int64 = 10_000_000_000

  private var notBefore = Int64.min
  /// When the first surprise came that no look has followed.
  private(set) var surprised: Int64?

  /// Whether to look now.
  ///
  /// - Parameter isSurprised: whether an answer came from an unexpected shard since the last call.
  mutating func looks(at now: Int64, isSurprised: Bool) -> Bool {
    if isSurprised { surprised = surprised ?? now }
    guard surprised != nil, now >= notBefore else { return false }
    notBefore = now + Self.interval
    return true
  }

  /// The look came off, or failed for good: what surprised is dealt with.
  ///
  /// - Returns: when the surprise came.
  mutating func looked() -> Int64? {
    defer { surprised = nil }
    return surprised
  }
}
