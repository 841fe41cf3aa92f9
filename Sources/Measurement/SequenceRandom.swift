/// A fast sequential generator for bulk bytes, seeded from a `CounterRandom` so that record i's payload depends on
/// nothing but the record.
///
/// wyrand (Wang Yi, https://github.com/wangyi-fudan/wyhash, public domain): one addition and one full multiplication
/// per 64 bits, and consecutive words do not wait for each other's multiplication. It passes BigCrush and PractRand;
/// it is not for secrets.
public struct SequenceRandom: Sendable {
  @usableFromInline var state: UInt64

  /// The generator of `index` in the family `random`.
  @inlinable
  public init(_ random: CounterRandom, _ index: UInt64) {
    state = random.bits(index).0
  }

  /// The generator with the given state.
  @inlinable
  public init(state: UInt64) {
    self.state = state
  }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0xA076_1D64_78BD_642F
    let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}

extension SequenceRandom: RandomNumberGenerator {}
