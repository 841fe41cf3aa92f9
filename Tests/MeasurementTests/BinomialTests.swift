import Testing

@testable import Measurement

@Suite struct BinomialTests {
  /// Every way a sample is made: set bits, search, rejection, and each of them upside down.
  @Test(
    arguments: [
      (1, 0.5), (2, 0.5), (63, 0.5), (64, 0.5), (65, 0.5), (127, 0.5), (128, 0.5), (129, 0.5), (1_000, 0.5), (3, 0.2),
      (30, 0.3), (30, 0.7), (200, 0.01), (10_000, 0.0005), (40, 0.26), (1_000, 0.013), (1_000, 0.987), (5_000, 0.25),
      (1, 1e-3), (33, 0.33),
    ] as [(UInt64, Double)])
  func samplesFollowTheExactMasses(trials: UInt64, probability: Double) {
    let random = CounterRandom(seed: trials, domain: 5)
    var counts = [Int](repeating: 0, count: Int(trials) + 1)
    for index in 0..<10_000 as Range<UInt64> {
      counts[Int(Binomial.sample(trials: trials, probability: probability, random, index))] += 1
    }
    let masses = (0...trials).map { Binomial.mass(of: $0, trials: trials, probability: probability) }
    #expect(relativeError(masses.reduce(0, +), 1) < 1e-12)
    #expect(ChiSquare(counts: counts, masses: masses).isPlausible)
  }

  /// At 2^40 trials the cells are intervals of a quarter of a deviation, whose masses are the normal distribution's to
  /// 10^-6.
  @Test(arguments: [0.5, 0.25, 0.9])
  func samplesOfVeryManyTrialsAreNormal(probability: Double) {
    let trials = Binomial.largestTrials
    let mean = Double(trials) * probability
    let deviation = (mean * (1 - probability)).squareRoot()
    let random = CounterRandom(seed: 77, domain: 5)
    var counts = [Int](repeating: 0, count: 40)
    for index in 0..<10_000 as Range<UInt64> {
      let successes = Double(Binomial.sample(trials: trials, probability: probability, random, index))
      counts[min(max(Int(((successes - mean) / deviation * 4).rounded(.down)) + 20, 0), 39)] += 1
    }
    let masses = (0..<40).map { cell in
      let low = cell == 0 ? 0 : NormalDistribution.cumulative(Double(cell - 20) / 4)
      return (cell == 39 ? 1 : NormalDistribution.cumulative(Double(cell - 19) / 4)) - low
    }
    #expect(ChiSquare(counts: counts, masses: masses).isPlausible)
  }

  /// Values in 40 digits (mpmath).
  @Test(
    arguments: [
      (0, 1, 0.5, 0.5), (3, 10, 0.25, 0.25028228759765625), (5, 10, 0.5, 0.24609375),
      (1 << 39, 1 << 40, 0.5, 7.609220130946006183e-7),
      ((1 << 39) + (1 << 20), 1 << 40, 0.5, 1.0297959616319372589e-7),
      (1_000, 1 << 40, 0x1p-30, 0.0095008606616367805539), (1 << 38, 1 << 40, 0.25, 8.7863705818487042514e-7),
      (0, 500, 0.125, 1.0093144969861695852e-29), (5, 4, 0.5, 0), (0, 3, 0, 1), (3, 3, 1, 1), (2, 3, 1, 0),
    ] as [(UInt64, UInt64, Double, Double)])
  func massesAreExact(successes: UInt64, trials: UInt64, probability: Double, mass: Double) {
    #expect(
      relativeError(Binomial.mass(of: successes, trials: trials, probability: probability), mass) < 1e-12)
  }

  @Test func certainOutcomesNeedNoLuck() {
    let random = CounterRandom(seed: 1)
    #expect(Binomial.sample(trials: 0, probability: 0.5, random, 0) == 0)
    #expect(Binomial.sample(trials: 9, probability: 0, random, 0) == 0)
    #expect(Binomial.sample(trials: 9, probability: 1, random, 0) == 9)
  }

  @Test func hardlyEverIsNeverTooOften() {
    let random = CounterRandom(seed: 2)
    let successes = (0..<1_000).map { Binomial.sample(trials: 1 << 40, probability: 0x1p-60, random, $0) }
    #expect(successes.allSatisfy { $0 <= 1 })
  }
}
