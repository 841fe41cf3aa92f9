/// The number of successes among independent trials, drawn as a pure function of (random family, index).
///
/// Splitting N events over halves of an interval, halves of halves and so on with these gives the order statistics of N
/// uniform numbers piece by piece, without drawing the others.
package enum Binomial {
  /// The largest number of trials taken, 2^40.
  package static let largestTrials: UInt64 = 1 << 40

  /// How many of `trials` (at most 2^40) succeed, each with `probability` (0 to 1).
  ///
  /// Up to 128 fair trials are the set bits of as many random ones. Below 10 expected successes the distribution
  /// function is searched from 0; above, Hörmann's transformed rejection BTRS (*The generation of binomial random
  /// variates*, J. Stat. Comput. Simul. 46, 1993, doi:10.1080/00949659308811496), about 1.2 to 1.5 tries, constant time.
  package static func sample(
    trials: UInt64, probability: Double, _ random: CounterRandom, _ index: UInt64
  ) -> UInt64 {
    precondition(trials <= largestTrials, "at most 2^40 trials")
    precondition(probability >= 0 && probability <= 1, "a probability")
    guard trials > 0, probability > 0 else { return 0 }
    guard probability < 1 else { return trials }
    if probability == 0.5, trials <= 128 { return setBits(trials, random.bits(index)) }
    // The rarer outcome is counted; 1 - p is exact for p above 1/2.
    guard probability <= 0.5 else {
      return trials - sample(trials: trials, probability: 1 - probability, random, index)
    }
    return Double(trials) * probability < 10
      ? searched(trials, probability, random.openUnit(index))
      : rejected(trials, probability, random, index)
  }

  /// The probability of exactly `successes`.
  package static func mass(of successes: UInt64, trials: UInt64, probability: Double) -> Double {
    guard successes <= trials else { return 0 }
    if probability == 0 || probability == 1 { return successes == (probability == 0 ? 0 : trials) ? 1 : 0 }
    return StableMath.exp(logMass(Double(successes), Double(trials), probability))
  }

  private static func setBits(_ trials: UInt64, _ words: (UInt64, UInt64)) -> UInt64 {
    // Shifting by the word's width or more leaves 0, which Swift's smart shift does.
    let low = words.0 & ~(UInt64.max << min(trials, 64))
    let high = words.1 & ~(UInt64.max << (max(trials, 64) - 64))
    return UInt64(low.nonzeroBitCount + high.nonzeroBitCount)
  }

  private static func searched(_ trials: UInt64, _ probability: Double, _ unit: Double) -> UInt64 {
    let odds = probability / (1 - probability)
    var mass = StableMath.exp(Double(trials) * StableMath.log1p(-probability))
    var rest = unit - mass
    var successes: UInt64 = 0
    while rest > 0, successes < trials {
      successes += 1
      mass *= odds * Double(trials - successes + 1) / Double(successes)
      // The masses have run out of bits before the unit was used up: 2^-53 of the distribution or less is left.
      if mass < 0x1p-80, Double(successes) > Double(trials) * probability { break }
      rest -= mass
    }
    return successes
  }

  private static func rejected(
    _ trials: UInt64, _ probability: Double, _ random: CounterRandom, _ index: UInt64
  ) -> UInt64 {
    let count = Double(trials)
    let deviation = (count * probability * (1 - probability)).squareRoot()
    let b = 1.15 + 2.53 * deviation
    let a = -0.0873 + 0.0248 * b + 0.01 * probability
    let center = count * probability + 0.5
    let quickHeight = 0.92 - 4.2 / b
    let alpha = (2.83 + 5.1 / b) * deviation
    let mode = ((count + 1) * probability).rounded(.down)
    let logMode = logMass(mode, count, probability)
    var draw: UInt64 = 0
    while true {
      let words = random.bits(index, draw: draw)
      draw += 1
      let u = CounterRandom.openUnit(words.0) - 0.5
      let v = CounterRandom.openUnit(words.1)
      let edge = 0.5 - abs(u)
      let successes = ((2 * a / edge + b) * u + center).rounded(.down)
      guard successes >= 0, successes <= count else { continue }
      if edge >= 0.07, v <= quickHeight { return UInt64(successes) }
      let height = StableMath.log(v * alpha / (a / (edge * edge) + b))
      if height <= logMass(successes, count, probability) - logMode { return UInt64(successes) }
    }
  }

  /// The logarithm of the probability of `successes`, without the cancellation of log factorials: at 2^40 trials those
  /// are 10^13, and their last bits 10^-3.
  ///
  /// C. Loader, *Fast and accurate computation of binomial probabilities* (2000): Stirling's errors and deviances.
  static func logMass(_ successes: Double, _ trials: Double, _ probability: Double) -> Double {
    let failures = trials - successes
    if successes == 0 { return trials * StableMath.log1p(-probability) }
    if failures == 0 { return trials * StableMath.log(probability) }
    let errors = stirlingError(trials) - stirlingError(successes) - stirlingError(failures)
    let deviances = deviance(successes, trials * probability) + deviance(failures, trials * (1 - probability))
    return errors - deviances - 0.5 * StableMath.log(2 * Double.pi * successes * (failures / trials))
  }

  /// log(n!) - log(sqrt(2 pi n) (n / e)^n).
  private static func stirlingError(_ n: Double) -> Double {
    if n < 16 { return smallStirlingErrors[Int(n)] }
    let square = n * n
    let far = (1.0 / 1_260 - (1.0 / 1_680 - 1.0 / 1_188 / square) / square) / square
    return (1.0 / 12 - (1.0 / 360 - far) / square) / n
  }

  private static let smallStirlingErrors: [Double] = (0..<16).map { n in
    guard n > 0 else { return 0 }
    let n = Double(n)
    let factorial = stride(from: 2, through: n, by: 1).reduce(1, *)
    return StableMath.log(factorial) - (0.5 * StableMath.log(2 * Double.pi * n) + n * StableMath.log(n) - n)
  }

  /// x log(x / mean) + mean - x, by a series where the terms would cancel.
  private static func deviance(_ x: Double, _ mean: Double) -> Double {
    guard abs(x - mean) < 0.1 * (x + mean) else { return x * StableMath.log(x / mean) + mean - x }
    let v = (x - mean) / (x + mean)
    var sum = (x - mean) * v
    var term = 2 * x * v
    var odd = 1.0
    while true {
      term *= v * v
      odd += 2
      let next = sum + term / odd
      if next == sum { return sum }
      sum = next
    }
  }
}
