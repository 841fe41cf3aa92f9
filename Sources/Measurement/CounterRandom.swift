/// A family of random numbers that are a pure function of (seed, domain, index, draw).
///
/// The seed is the scenario's; the domain words say what the numbers are for (which phase; size, key, payload or
/// order), so that no two uses share a number. `index` is the record, `draw` tells several numbers of one record
/// apart. Nothing is advanced: any worker, in any order, gets the same numbers.
public struct CounterRandom: Hashable, Sendable {
  /// The Philox key that seed and domain came down to.
  public let key: UInt64

  /// The family of `seed` for the purpose that `domain` names.
  ///
  /// Each domain word goes through the cipher with the key so far, so (1, 2) and (2, 1) and (1), (1, 0) all differ.
  public init(seed: UInt64, domain: UInt64...) {
    var key = Philox.block(counter: (seed, UInt64(domain.count)), key: 0).0
    for word in domain {
      key = Philox.block(counter: (word, 1), key: key).0
    }
    self.key = key
  }

  /// A family of its own under this one, for the purpose `word` names.
  public func child(_ word: UInt64) -> CounterRandom {
    CounterRandom(key: Philox.block(counter: (word, 2), key: key).0)
  }

  private init(key: UInt64) {
    self.key = key
  }

  /// 128 random bits.
  @inlinable
  public func bits(_ index: UInt64, draw: UInt64 = 0) -> (UInt64, UInt64) {
    Philox.block(counter: (index, draw), key: key)
  }

  /// A number in [0, 1), a multiple of 2^-53.
  @inlinable
  public func unit(_ index: UInt64, draw: UInt64 = 0) -> Double {
    CounterRandom.unit(bits(index, draw: draw).0)
  }

  /// A number in (0, 1), an odd multiple of 2^-53: for quantile functions that are infinite at 0 and 1.
  @inlinable
  public func openUnit(_ index: UInt64, draw: UInt64 = 0) -> Double {
    CounterRandom.openUnit(bits(index, draw: draw).0)
  }

  /// A number below `bound`, which is at least 1; see `below(_:word:)`.
  @inlinable
  public func below(_ bound: UInt64, _ index: UInt64, draw: UInt64 = 0) -> UInt64 {
    CounterRandom.below(bound, word: bits(index, draw: draw).0)
  }

  /// The upper 53 bits of `word` as a number in [0, 1).
  @inlinable
  public static func unit(_ word: UInt64) -> Double {
    Double(word >> 11) * 0x1p-53
  }

  /// The upper 52 bits of `word` as a number in (0, 1), the middle of its cell.
  @inlinable
  public static func openUnit(_ word: UInt64) -> Double {
    (Double(word >> 12) + 0.5) * 0x1p-52
  }

  /// `word` scaled to 0..<`bound` by its high product (Lemire, doi:10.1145/3230636, without the rejection step).
  ///
  /// Each value's probability is off by less than `bound` x 2^-64 of itself: 10^-13 at a million values, far below what
  /// any number of records could show.
  @inlinable
  public static func below(_ bound: UInt64, word: UInt64) -> UInt64 {
    word.multipliedFullWidth(by: bound).high
  }
}

/// Philox2x64-10: random numbers as a function of a counter, with no state to carry along.
///
/// Salmon, Moraes, Dror, Shaw, *Parallel Random Numbers: As Easy as 1, 2, 3* (SC 2011, doi:10.1145/2063384.2063405).
/// Ten rounds of one 64x64 multiplication each; a bijection of the 128-bit counter for each 64-bit key, and it passes
/// TestU01's BigCrush. Record i's numbers are those of counter i, whoever asks, in any order.
public enum Philox {
  /// The round multiplier of the paper (`PHILOX_M2x64_0` of Random123).
  @usableFromInline static let multiplier: UInt64 = 0xD2B7_4407_B1CE_6E93
  /// What is added to the key each round: the golden ratio's fraction (`PHILOX_W64_0` of Random123).
  @usableFromInline static let weyl: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The 128 random bits that belong to `counter` under `key`.
  @inlinable
  public static func block(counter: (UInt64, UInt64), key: UInt64) -> (UInt64, UInt64) {
    var (low, high) = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= weyl }
      let product = multiplier.multipliedFullWidth(by: low)
      low = product.high ^ key ^ high
      high = product.low
    }
    return (low, high)
  }
}
