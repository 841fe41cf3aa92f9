import TestSupport
import Testing

@testable import Measurement

@Suite struct KeyDistributionTests {
  private func counts(
    _ distribution: KeyDistribution, seed: UInt64, samples: UInt64 = 20_000, due: Nanoseconds = .zero
  ) -> [Int] {
    let random = CounterRandom(seed: seed, domain: 2)
    var counts = [Int](repeating: 0, count: Int(distribution.cardinality ?? 0))
    for index in 0..<samples { counts[Int(distribution.sample(random, index, due: due))] += 1 }
    return counts
  }

  private func masses(_ distribution: KeyDistribution, due: Nanoseconds = .zero) -> [Double] {
    (0..<(distribution.cardinality ?? 0)).map { distribution.mass(of: $0, due: due) }
  }

  @Test(arguments: [0, 0.01, 0.5, 0.99, 1, 1.01, 1.5, 3, 20], [1, 2, 3, 10, 1_000] as [UInt64])
  func zipfFollowsTheExactMasses(exponent: Double, cardinality: UInt64) throws {
    let zipf = try KeyDistribution.zipf(exponent: exponent, cardinality: cardinality)
    let counts = counts(zipf, seed: 11, samples: 10_000)
    let weights = (1...cardinality).map { StableMath.pow(Double($0), -exponent) }
    let total = weights.reversed().reduce(0, +)
    #expect(ChiSquare(counts: counts, masses: weights.map { $0 / total }).isPlausible)
    for rank in 0..<cardinality {
      #expect(relativeError(zipf.mass(of: rank), weights[Int(rank)] / total) < 1e-12)
    }
    #expect(zipf.mass(of: cardinality) == 0)
    #expect(zipf.cumulative(through: cardinality - 1) == 1)
    let half = cardinality / 2
    #expect(relativeError(zipf.cumulative(through: half), weights[0...Int(half)].reduce(0, +) / total) < 1e-12)
  }

  /// The test above can tell: the samples of one exponent do not pass for those of its neighbour.
  @Test func aWrongExponentWouldBeSeen() throws {
    let counts = counts(try .zipf(exponent: 1.1, cardinality: 1_000), seed: 11)
    let others = masses(try .zipf(exponent: 0.99, cardinality: 1_000))
    #expect(!ChiSquare(counts: counts, masses: others).isPlausible)
  }

  @Test(arguments: [0, 0.5, 0.99, 1, 1.5])
  func zipfFollowsTheMassesOverVeryManyKeys(exponent: Double) throws {
    let zipf = try KeyDistribution.zipf(exponent: exponent, cardinality: 1 << 40)
    let random = CounterRandom(seed: 4, domain: 2)
    // Ranks by powers of two: 0, 1, 2-3, 4-7, ...
    var counts = [Int](repeating: 0, count: 42)
    for index in 0..<10_000 as Range<UInt64> {
      counts[64 - zipf.sample(random, index).leadingZeroBitCount] += 1
    }
    var below = 0.0
    let masses = (0...41).map { power in
      let through = zipf.cumulative(through: power == 0 ? 0 : (1 << UInt64(power)) - 1)
      defer { below = through }
      return through - below
    }
    #expect(ChiSquare(counts: counts, masses: masses).isPlausible)
  }

  /// Sums in 40 digits (mpmath).
  @Test(
    arguments: [
      (1_000, 0.99, 7.7289532172847386012), (100_000, 1, 12.090146129863427947),
      (1_000_000, 0.5, 1998.5401454911487465),
      (1 << 40, 1.5, 2.6123734413368555313), (1 << 40, 0, 1_099_511_627_776), (1_000_000, 3, 1.2020569031590942859),
      (1, 2, 1), (64, 0, 64), (65, 0, 65),
    ] as [(UInt64, Double, Double)])
  func generalisedHarmonicNumbers(count: UInt64, exponent: Double, sum: Double) {
    #expect(relativeError(Zipf.harmonic(count, exponent), sum) < 1e-14)
  }

  @Test(
    arguments: [(0.1, 1_000), (0.001, 1_000), (0.5, 2), (0.9, 10), (0.999999, 100_000), (0.3, 1 << 40)]
      as [(Double, UInt64)])
  func theTopKeyGetsTheShareAskedFor(share: Double, cardinality: UInt64) throws {
    let zipf = try KeyDistribution.zipf(topShare: share, cardinality: cardinality)
    #expect(relativeError(zipf.mass(of: 0), share) < 1e-12)
  }

  @Test func otherTypesFollowTheirMasses() throws {
    let hotspot = try KeyDistribution.hotspot(cardinality: 50, hotKeyShare: 0.1, hotTrafficShare: 0.8)
    let distributions: [(String, KeyDistribution)] = [
      ("uniform", try .uniform(cardinality: 37)),
      ("uniform of one", try .uniform(cardinality: 1)),
      ("constant", .constant),
      ("hotspot", hotspot),
      ("hotspot of all", try .hotspot(cardinality: 5, hotKeyShare: 1, hotTrafficShare: 0.2)),
      ("hotspot of one", try .hotspot(cardinality: 5, hotKeyShare: 0.0001, hotTrafficShare: 0.5)),
      ("weighted", try .weighted(shares: [0.5, 0.1, 0.15], rest: .uniform(cardinality: 10))),
      ("weighted over a hotspot", try .weighted(shares: [0.25], rest: hotspot)),
      ("weighted without rest", try .weighted(shares: [2, 1, 1], rest: nil)),
      ("weighted that leaves nothing", try .weighted(shares: [0.5, 0.5], rest: .constant)),
    ]
    for (name, distribution) in distributions {
      let masses = masses(distribution)
      #expect(ChiSquare(counts: counts(distribution, seed: 3), masses: masses).isPlausible, "\(name)")
      var sum = 0.0
      for (rank, mass) in masses.enumerated() {
        sum += mass
        #expect(abs(distribution.cumulative(through: UInt64(rank)) - sum) < 1e-12, "\(name)")
      }
      #expect(abs(sum - 1) < 1e-12, "\(name)")
    }
    #expect(hotspot.mass(of: 0) == 0.8 / 5)
  }

  @Test func theHotSetDriftsAndComesRound() throws {
    let drift = try KeyDistribution.drift(
      cardinality: 10, hotKeyShare: 0.4, hotTrafficShare: 0.9, period: .seconds(1))
    let hotAt: [(Double, Set<UInt64>)] = [
      (0, [0, 1, 2, 3]), (0.999, [0, 1, 2, 3]), (1, [4, 5, 6, 7]), (2.5, [8, 9, 0, 1]), (3, [2, 3, 4, 5]),
      (5, [0, 1, 2, 3]),
    ]
    for (seconds, hot) in hotAt {
      let due = Nanoseconds.seconds(seconds)
      let masses = masses(drift, due: due)
      #expect(Set(masses.indices.filter { masses[$0] > 0.1 }.map { UInt64($0) }) == hot)
      #expect(ChiSquare(counts: counts(drift, seed: 8, samples: 5_000, due: due), masses: masses).isPlausible)
      var sum = 0.0
      for (rank, mass) in masses.enumerated() {
        sum += mass
        #expect(abs(drift.cumulative(through: UInt64(rank), due: due) - sum) < 1e-12)
      }
    }
  }

  @Test func longDriftsOfManyKeysDoNotOverflow() throws {
    let drift = try KeyDistribution.drift(
      cardinality: (1 << 40) - 1, hotKeyShare: 0.999, hotTrafficShare: 0.5, period: Nanoseconds(1))
    #expect(drift.sample(CounterRandom(seed: 1), 0, due: Nanoseconds(.max)) < (1 << 40) - 1)
  }

  @Test func sequentialAndUniqueFollowTheIndex() throws {
    let random = CounterRandom(seed: 1)
    let sequential = try KeyDistribution.sequential(cardinality: 3)
    #expect((0..<7).map { sequential.sample(random, $0) } == [0, 1, 2, 0, 1, 2, 0])
    #expect(KeyDistribution.unique.sample(random, 1 << 63) == 1 << 63)
    #expect(KeyDistribution.unique.cardinality == nil)
    #expect(try KeyDistribution.weighted(shares: [0.5], rest: .unique).cardinality == nil)
  }

  @Test func refusalsNameTheFieldAtFault() {
    func field(_ make: () throws -> KeyDistribution) -> String? {
      do {
        _ = try make()
        return nil
      } catch {
        return (error as? DistributionFailure)?.field
      }
    }
    #expect(field { try .uniform(cardinality: 0) } == "cardinality")
    #expect(field { try .sequential(cardinality: (1 << 40) + 1) } == "cardinality")
    #expect(field { try .zipf(exponent: -0.1, cardinality: 5) } == "exponent")
    #expect(field { try .zipf(exponent: .nan, cardinality: 5) } == "exponent")
    #expect(field { try .zipf(topShare: 0.1, cardinality: 5) } == "topShare")
    #expect(field { try .zipf(topShare: 1, cardinality: 5) } == "topShare")
    #expect(field { try .hotspot(cardinality: 5, hotKeyShare: 0, hotTrafficShare: 0.5) } == "hotKeyShare")
    #expect(field { try .hotspot(cardinality: 5, hotKeyShare: 0.5, hotTrafficShare: 1.5) } == "hotTrafficShare")
    #expect(
      field { try .drift(cardinality: 5, hotKeyShare: 0.5, hotTrafficShare: 0.5, period: .zero) } == "period")
    #expect(field { try .weighted(shares: [0.7, 0.4], rest: .constant) } == "values")
    #expect(field { try .weighted(shares: [0.7, -0.4], rest: nil) } == "values[1].share")
    #expect(field { try .weighted(shares: [], rest: nil) } == "values")
    #expect(
      field { try .weighted(shares: [0.1], rest: .weighted(shares: [0.1], rest: .constant)) } == "rest")
  }

  /// Recorded: keys are part of what a plan is.
  @Test func theSamplesStayAsTheyAre() throws {
    let random = CounterRandom(seed: 42, domain: 2)
    let lines = try [0, 0.5, 0.99, 1, 1.5].map { exponent in
      let zipf = try KeyDistribution.zipf(exponent: exponent, cardinality: 100_000)
      return "zipf \(exponent): \((0..<8).map { zipf.sample(random, $0) })"
    }
    let hotspot = try KeyDistribution.hotspot(cardinality: 1_000, hotKeyShare: 0.01, hotTrafficShare: 0.8)
    let hot = "hotspot: \((0..<8).map { hotspot.sample(random, $0) })"
    let weighted = try KeyDistribution.weighted(shares: [0.3, 0.2], rest: hotspot)
    let mixed = "weighted: \((0..<8).map { weighted.sample(random, $0) })"
    expectGolden((lines + [hot, mixed]).joined(separator: "\n") + "\n", "keys.txt")
  }
}
