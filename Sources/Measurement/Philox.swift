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
