import TestSupport
import Testing

@testable import Measurement

@Suite struct SizeDistributionTests {
  private static func distributions() throws -> [(String, SizeDistribution)] {
    [
      ("fixed", try .fixed(100)),
      ("fixed 0", try .fixed(0)),
      ("uniform", try .uniform(min: 10, max: 29)),
      ("uniform of one", try .uniform(min: 7, max: 7)),
      ("normal", try .normal(mean: 100, stddev: 30, min: 50, max: 200)),
      ("narrow normal", try .normal(mean: 100.3, stddev: 0.4, min: 0, max: 200)),
      ("upper tail of a normal", try .normal(mean: 10, stddev: 1, min: 13, max: 15)),
      ("lower tail of a normal", try .normal(mean: 20, stddev: 2, min: 0, max: 15)),
      ("lognormal", try .logNormal(median: 70, p99: 800, max: 400)),
      ("small lognormal", try .logNormal(median: 2, p99: 9, max: 40)),
      ("narrow lognormal", try .logNormal(median: 1_000, p99: 1_004, max: 2_000)),
      ("pareto", try .pareto(min: 10, shape: 1, max: 500)),
      ("heavy pareto", try .pareto(min: 1, shape: 0.5, max: 300)),
      ("weighted", try .weighted([(100, 6), (200, 0), (300, 3), (100, 1)])),
    ]
  }

  @Test func samplesFollowTheExactMasses() throws {
    for (seed, (name, distribution)) in try Self.distributions().enumerated() {
      let random = CounterRandom(seed: UInt64(seed), domain: 1)
      let range = distribution.minimum...distribution.maximum
      var counts = [Int](repeating: 0, count: range.count)
      for index in 0..<20_000 as Range<UInt64> {
        let size = distribution.sample(random, index)
        #expect(range.contains(size), "\(name)")
        counts[size - range.lowerBound] += 1
      }
      #expect(ChiSquare(counts: counts, masses: range.map { distribution.mass(of: $0) }).isPlausible, "\(name)")
    }
  }

  @Test func massesSumToOneAndToTheMean() throws {
    for (name, distribution) in try Self.distributions() {
      let range = distribution.minimum...distribution.maximum
      let sum = range.reduce(0.0) { $0 + distribution.mass(of: $1) }
      let mean = range.reduce(0.0) { $0 + Double($1) * distribution.mass(of: $1) }
      #expect(relativeError(sum, 1) < 1e-12, "\(name)")
      #expect(relativeError(distribution.mean, mean) < 1e-11, "\(name)")
      #expect(distribution.mass(of: range.lowerBound - 1) == 0, "\(name)")
      #expect(distribution.mass(of: range.upperBound + 1) == 0, "\(name)")
      #expect(distribution.cumulative(through: range.lowerBound - 1) == 0, "\(name)")
      #expect(distribution.cumulative(through: range.upperBound) == 1, "\(name)")
      let half = (range.lowerBound + range.upperBound) / 2
      let part = (range.lowerBound...half).reduce(0.0) { $0 + distribution.mass(of: $1) }
      #expect(abs(distribution.cumulative(through: half) - part) < 1e-12, "\(name)")
    }
  }

  /// The sums over every size, in 40 digits (mpmath).
  @Test func meansOfWideDistributionsAreExact() throws {
    let expected: [(SizeDistribution, Double)] = [
      (try .logNormal(median: 700, p99: 8_192, max: 65_536), 1224.11222763521966),
      (try .logNormal(median: 2, p99: 9, max: 40), 2.46952008554293128),
      (try .pareto(min: 100, shape: 1, max: 65_536), 748.518053638698102),
      (try .pareto(min: 100, shape: 1.5, max: 65_536), 292.186875016006324),
      (try .pareto(min: 1, shape: 0.5, max: 300), 33.6219079549548173),
      (try .pareto(min: 1, shape: 2, max: 100_000), 1.93479220054467939),
      (try .normal(mean: 100, stddev: 30, min: 50, max: 200), 102.998253682838602),
      (try .normal(mean: 1_000, stddev: 500, min: 1, max: 2_000), 1000.11312941758797),
      (try .normal(mean: 10, stddev: 1, min: 13, max: 15), 13.0380035770570498),
      (try .normal(mean: 1_000, stddev: 0.2, min: 0, max: 2_000), 1000),
      (try .normal(mean: 500, stddev: 600, min: 100, max: 3_000), 756.127999507562747),
    ]
    for (distribution, mean) in expected {
      #expect(relativeError(distribution.mean, mean) < 1e-12, "\(distribution)")
    }
  }

  @Test func meansAgreeAcrossTheStepFromSumToFormula() throws {
    // Deviations on both sides of the one at which the closed forms take over.
    for stddev in [399.0, 401] {
      let distribution = try SizeDistribution.normal(mean: 2_500, stddev: stddev, min: 1_000, max: 3_000)
      let mean = (1_000...3_000).reduce(0.0) { $0 + Double($1) * distribution.mass(of: $1) }
      #expect(relativeError(distribution.mean, mean) < 1e-11)
    }
    for p99 in [100_500.0, 101_500, 103_000] {
      let distribution = try SizeDistribution.logNormal(median: 100_000, p99: p99, max: 100_400)
      // Nine deviations below the median there is nothing left.
      let mean = (88_000...100_400).reduce(0.0) { $0 + Double($1) * distribution.mass(of: $1) }
      #expect(relativeError(distribution.mean, mean) < 1e-11)
    }
  }

  @Test func aLogNormalKeepsItsMedianAndP99() throws {
    let distribution = try SizeDistribution.logNormal(median: 700, p99: 8_192, max: 65_536)
    #expect(abs(distribution.cumulative(through: 699) - 0.5) < 0.001)
    #expect(abs(distribution.cumulative(through: 8_192) - 0.99) < 0.0001)
  }

  @Test func refusalsNameTheFieldAtFault() {
    func field(_ make: () throws -> SizeDistribution) -> String? {
      do {
        _ = try make()
        return nil
      } catch {
        return (error as? DistributionFailure)?.field
      }
    }
    #expect(field { try .fixed(-1) } == "value")
    #expect(field { try .uniform(min: -1, max: 1) } == "min")
    #expect(field { try .uniform(min: 2, max: 1) } == "max")
    #expect(field { try .normal(mean: -1, stddev: 1, min: 0, max: 1) } == "mean")
    #expect(field { try .normal(mean: 1, stddev: 0, min: 0, max: 1) } == "stddev")
    #expect(field { try .normal(mean: 1, stddev: .nan, min: 0, max: 1) } == "stddev")
    #expect(field { try .normal(mean: 1, stddev: 1, min: 5, max: 1) } == "max")
    #expect(field { try .normal(mean: 1, stddev: 1, min: 50, max: 60) } == "mean")
    #expect(field { try .normal(mean: 100, stddev: 1, min: 50, max: 60) } == "mean")
    #expect(field { try .logNormal(median: 0, p99: 1, max: 1) } == "median")
    #expect(field { try .logNormal(median: 5, p99: 5, max: 9) } == "p99")
    #expect(field { try .logNormal(median: 5, p99: 6, max: 4) } == "max")
    #expect(field { try .pareto(min: 0, shape: 1, max: 4) } == "min")
    #expect(field { try .pareto(min: 1, shape: 0, max: 4) } == "shape")
    #expect(field { try .pareto(min: 5, shape: 1, max: 4) } == "max")
    #expect(field { try .weighted([]) } == "values")
    #expect(field { try .weighted([(1, 0)]) } == "values")
    #expect(field { try .weighted([(1, 1), (2, -1)]) } == "values[1].weight")
    #expect(field { try .weighted([(-1, 1)]) } == "values[0].size")
  }

  @Test func extremeUnitsStayWithinTheBounds() throws {
    for (name, distribution) in try Self.distributions() {
      let range = distribution.minimum...distribution.maximum
      for unit in [0x1p-53, 0.5, 1 - 0x1p-53] {
        switch distribution.shape {
        case .normal(let normal): #expect(range.contains(normal.sample(unit)), "\(name)")
        case .logNormal(let logNormal): #expect(range.contains(logNormal.sample(unit)), "\(name)")
        case .pareto(let pareto): #expect(range.contains(pareto.sample(unit)), "\(name)")
        case .fixed, .uniform, .weighted: break
        }
      }
    }
  }

  /// Recorded: sizes are part of what a plan is.
  @Test func theSamplesStayAsTheyAre() throws {
    let random = CounterRandom(seed: 42, domain: 1)
    let sizes = try Self.distributions().map { name, distribution in
      "\(name): \((0..<8).map { distribution.sample(random, $0) })"
    }
    expectGolden(sizes.joined(separator: "\n") + "\n", "sizes.txt")
  }
}
