/// The hot keys of `hotspot` and `drift` at one instant: neighbours on the ring of ranks.
package struct HotSet: Hashable, Sendable {
  /// The first hot rank.
  package let first: UInt64
  /// How many ranks are hot; those past the last rank go on at rank 0.
  package let count: UInt64
  /// The share of the traffic that each hot rank has.
  package let hotMass: Double
  /// The share of the traffic that each other rank has; 0 when there is no other.
  package let coldMass: Double
}

extension KeyDistribution {
  /// How long the hot keys of `drift` stay; nil for every distribution that does not change with time.
  package var period: Nanoseconds? {
    if case .hotspot(let hotspot) = shape { hotspot.period } else { nil }
  }

  /// The hot keys at an instant since the run's start; nil for distributions without any.
  package func hotSet(due: Nanoseconds) -> HotSet? {
    if case .hotspot(let hotspot) = shape { hotspot.hotSet(due) } else { nil }
  }
}

extension Hotspot {
  /// The hot set at an instant.
  func hotSet(_ due: Nanoseconds) -> HotSet {
    let coldKeys = cardinality - hotKeys
    return HotSet(
      first: firstHotKey(due), count: hotKeys, hotMass: hotTraffic / Double(hotKeys),
      coldMass: coldKeys == 0 ? 0 : (1 - hotTraffic) / Double(coldKeys))
  }
}
