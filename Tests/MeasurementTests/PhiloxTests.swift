import Testing

@testable import Measurement

@Suite struct PhiloxTests {
  /// Random123's `kat_vectors`, lines `philox2x64 10`.
  @Test(
    arguments: [
      (0, 0, 0, 0xCA00_A045_9843_D731, 0x66C2_4222_C9A8_45B5),
      (.max, .max, .max, 0x65B0_21D6_0CD8_310F, 0x4D02_F322_2F86_DF20),
      (
        0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x0A5E_742C_2997_341C,
        0xB0F8_83D3_8000_DE5D
      ),
    ] as [(UInt64, UInt64, UInt64, UInt64, UInt64)])
  func knownAnswers(low: UInt64, high: UInt64, key: UInt64, first: UInt64, second: UInt64) {
    #expect(Philox.block(counter: (low, high), key: key) == (first, second))
  }

  @Test func familiesOfDifferentSeedsAndDomainsDiffer() {
    let families = [
      CounterRandom(seed: 1), CounterRandom(seed: 2), CounterRandom(seed: 1, domain: 0),
      CounterRandom(seed: 1, domain: 1),
      CounterRandom(seed: 1, domain: 1, 0), CounterRandom(seed: 1, domain: 1, 2), CounterRandom(seed: 1, domain: 2, 1),
      CounterRandom(seed: 1, domain: 1).child(0), CounterRandom(seed: 1, domain: 1).child(2),
    ]
    #expect(Set(families).count == families.count)
    #expect(Set(families.map { $0.bits(7).0 }).count == families.count)
  }

  @Test func aNumberDependsOnSeedDomainIndexAndDrawAlone() {
    let random = CounterRandom(seed: 42, domain: 3, 1)
    let later = random.bits(9, draw: 2)
    _ = random.bits(1)
    #expect(CounterRandom(seed: 42, domain: 3, 1).bits(9, draw: 2) == later)
    #expect(random.bits(9, draw: 1) != later)
    #expect(random.bits(8, draw: 2) != later)
  }

  /// Recorded: these numbers are part of what a plan is, and may not change without a new generator version.
  @Test func theKeyDerivationStaysAsItIs() {
    #expect(CounterRandom(seed: 42, domain: 3, 1).key == RecordedNumbers.familyKey)
    #expect(CounterRandom(seed: 42, domain: 3, 1).child(5).key == RecordedNumbers.childKey)
  }

  @Test(arguments: [0, 1, 1 << 11, .max >> 1, .max - 1, .max] as [UInt64])
  func unitsStayInTheirIntervals(word: UInt64) {
    #expect((0..<1).contains(CounterRandom.unit(word)))
    #expect(CounterRandom.openUnit(word) > 0)
    #expect(CounterRandom.openUnit(word) < 1)
  }

  @Test(arguments: [1, 2, 3, 10, 1 << 40, .max] as [UInt64])
  func belowCoversItsRange(bound: UInt64) {
    #expect(CounterRandom.below(bound, word: 0) == 0)
    #expect(CounterRandom.below(bound, word: .max) == bound - 1)
  }

  @Test func belowIsUniform() {
    let random = CounterRandom(seed: 5)
    var counts = [Int](repeating: 0, count: 7)
    for index in 0..<20_000 as Range<UInt64> { counts[Int(random.below(7, index))] += 1 }
    #expect(ChiSquare(counts: counts, masses: [Double](repeating: 1.0 / 7, count: 7)).isPlausible)
  }
}
