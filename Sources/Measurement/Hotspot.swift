/// A hot set of keys with a share of the traffic of its own, standing still or moving on every period.
struct Hotspot: Hashable, Sendable {
  let cardinality: UInt64
  /// How many keys are hot: the given share to the nearest whole key, at least one.
  let hotKeys: UInt64
  /// The traffic share of the hot keys; 1 when all keys are.
  let hotTraffic: Double
  /// How long the hot set stays; nil for ever.
  let period: Nanoseconds?

  init(cardinality: UInt64, hotKeyShare: Double, hotTrafficShare: Double, period: Nanoseconds?) {
    self.cardinality = cardinality
    hotKeys = min(max(UInt64((hotKeyShare * Double(cardinality)).rounded()), 1), cardinality)
    hotTraffic = hotKeys == cardinality ? 1 : hotTrafficShare
    self.period = period
  }

  func sample(_ words: (UInt64, UInt64), due: Nanoseconds) -> UInt64 {
    let position =
      CounterRandom.unit(words.0) < hotTraffic
      ? CounterRandom.below(hotKeys, word: words.1)
      : hotKeys + CounterRandom.below(cardinality - hotKeys, word: words.1)
    let rank = position + firstHotKey(due)
    return rank < cardinality ? rank : rank - cardinality
  }

  func mass(of rank: UInt64, due: Nanoseconds) -> Double {
    let first = firstHotKey(due)
    let position = rank >= first ? rank - first : rank + cardinality - first
    return position < hotKeys
      ? hotTraffic / Double(hotKeys) : (1 - hotTraffic) / Double(cardinality - hotKeys)
  }

  /// The share of ranks 0 through `rank`, which is below the last.
  func cumulative(through rank: UInt64, due: Nanoseconds) -> Double {
    let first = firstHotKey(due)
    let end = first + hotKeys
    // The hot set is [first, end) on a ring: what passes the last rank goes on at rank 0.
    let upTo = rank + 1
    var hot = upTo > first ? min(upTo, end) - first : 0
    if end > cardinality { hot += min(upTo, end - cardinality) }
    let cold = upTo - hot
    let coldKeys = cardinality - hotKeys
    return hotTraffic * Double(hot) / Double(hotKeys)
      + (coldKeys == 0 ? 0 : (1 - hotTraffic) * Double(cold) / Double(coldKeys))
  }

  /// The rank at which the hot set begins at `due`: it moves by its own length, so that no key stays hot.
  func firstHotKey(_ due: Nanoseconds) -> UInt64 {
    guard let period else { return 0 }
    let turn = UInt64(max(due.value, 0) / period.value) % cardinality
    return cardinality.dividingFullWidth(turn.multipliedFullWidth(by: hotKeys)).remainder
  }
}
