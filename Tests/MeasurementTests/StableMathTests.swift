import Foundation
import Testing

@testable import Measurement

@Suite struct StableMathTests {
  /// Numbers over many magnitudes, and close to 1 from both sides.
  private static let positives: [Double] =
    stride(from: -300.0, through: 300, by: 0.37).map { Foundation.pow(10, $0) }
    + stride(from: 0.5, through: 2, by: 0.00123).map { $0 }
    + [1, 1.0.nextUp, 1.0.nextDown, 0.5.squareRoot(), 2.0.squareRoot(), 0x1p-1022, 0x1p-1074, .greatestFiniteMagnitude]

  @Test func logarithmAgreesWithTheLibrarys() {
    for x in Self.positives {
      #expect(ulps(StableMath.log(x), Foundation.log(x)) <= 2, "log \(x)")
    }
    #expect(StableMath.log(0) == -.infinity)
    #expect(StableMath.log(.infinity) == .infinity)
    #expect(StableMath.log(-1).isNaN)
    #expect(StableMath.log(.nan).isNaN)
  }

  @Test func logarithmOfOnePlusAgreesWithTheLibrarys() {
    for x in Self.positives {
      #expect(ulps(StableMath.log1p(x), Foundation.log1p(x)) <= 2, "log1p \(x)")
      if x < 1 { #expect(ulps(StableMath.log1p(-x), Foundation.log1p(-x)) <= 2, "log1p \(-x)") }
    }
    #expect(StableMath.log1p(-1) == -.infinity)
    #expect(StableMath.log1p(0) == 0)
  }

  @Test func exponentialAgreesWithTheLibrarys() {
    for x in stride(from: -708.0, through: 709.7, by: 0.173) {
      #expect(ulps(StableMath.exp(x), Foundation.exp(x)) <= 2, "exp \(x)")
      #expect(ulps(StableMath.expm1(x / 100), Foundation.expm1(x / 100)) <= 3, "expm1 \(x / 100)")
    }
    for x in Self.positives where x < 0.3 {
      #expect(ulps(StableMath.expm1(x), Foundation.expm1(x)) <= 2, "expm1 \(x)")
      #expect(ulps(StableMath.expm1(-x), Foundation.expm1(-x)) <= 2, "expm1 \(-x)")
    }
  }

  @Test func exponentialEndsAsItShould() {
    #expect(StableMath.exp(0) == 1)
    #expect(StableMath.exp(709.9) == .infinity)
    #expect(StableMath.exp(1e308) == .infinity)
    #expect(StableMath.exp(-745.2) == 0)
    #expect(StableMath.exp(-.infinity) == 0)
    #expect(StableMath.exp(-720) > 0)
    #expect(relativeError(StableMath.exp(-720), Foundation.exp(-720)) < 1e-6)
    #expect(StableMath.exp(.nan).isNaN)
  }

  /// Values of scipy.special.ndtri.
  @Test(
    arguments: [
      (1e-300, -37.0470962993612), (1e-20, -9.262340089798409), (1e-09, -5.9978070150076865),
      (0.001, -3.090232306167813), (0.02, -2.053748910631823), (0.07, -1.4757910281791706), (0.1, -1.2815515655446004),
      (0.3, -0.5244005127080409), (0.5, 0.0), (0.6, 0.2533471031357997), (0.925, 1.4395314709384563),
      (0.99, 2.3263478740408408), (0.999999, 4.753424308817087),
    ] as [(Double, Double)])
  func normalQuantile(probability: Double, z: Double) {
    #expect(relativeError(NormalDistribution.quantile(probability), z) < 2e-15)
  }

  /// Values of scipy.special.ndtr.
  @Test(
    arguments: [
      (-35, 1.1249107064724061e-268), (-10, 7.61985302416047e-24), (-6, 9.865876450376946e-10),
      (-3, 0.0013498980316300933), (-2.6, 0.004661188023718747), (-2.4, 0.008197535924596131),
      (-1, 0.15865525393145707), (-0.1, 0.460172162722971), (0, 0.5), (0.5, 0.6914624612740131),
      (2, 0.9772498680518208), (3, 0.9986501019683699), (5, 0.9999997133484281),
    ] as [(Double, Double)])
  func normalCumulative(z: Double, probability: Double) {
    #expect(relativeError(NormalDistribution.cumulative(z), probability) < 1e-13)
  }

  @Test func theNormalQuantileEndsInInfinity() {
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1) == .infinity)
  }
}
