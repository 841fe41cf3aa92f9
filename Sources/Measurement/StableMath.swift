/// Elementary functions computed by plain IEEE 754 arithmetic, so that a plan has the same bytes on every machine.
///
/// The C library's `exp` and `log` pick a variant for the processor they find (with or without fused multiplication),
/// and the variants differ in the last bit now and then: enough to move a record to another key or another byte. The
/// functions here use additions, multiplications, divisions and square roots only, which IEEE 754 defines exactly, and
/// Swift does not fuse them. Errors are below 2 ulp in the ranges the samplers use.
package enum StableMath {
  /// ln 2 in two parts, the first with 21 trailing zero bits: its product with an exponent is exact.
  static let ln2High = 0x1.62e42feep-1
  static let ln2Low = 0x1.a39ef35793c76p-33
  private static let inverseLn2 = 0x1.71547652b82fep+0

  /// The natural logarithm of `x`; minus infinity at 0, NaN below.
  package static func log(_ x: Double) -> Double {
    guard x >= Double.leastNormalMagnitude, x < .infinity else { return logOutsideNormalRange(x) }
    let (exponent, mantissa) = split(x)
    let tail = exponent * ln2Low
    return exponent * ln2High + logOnePlus(mantissa - 1, adding: tail)
  }

  /// log(1 + x) without losing a small `x`; minus infinity at -1, NaN below.
  package static func log1p(_ x: Double) -> Double {
    // Within these bounds no argument reduction is needed, and `x` itself is exact where 1 + x is not.
    if x > -0.29, x < 0.41 { return logOnePlus(x, adding: 0) }
    let sum = 1 + x
    guard sum >= Double.leastNormalMagnitude, sum < .infinity else { return log(sum) }
    let lost = sum > 2 ? 1 - (sum - x) : x - (sum - 1)
    let (exponent, mantissa) = split(sum)
    return exponent * ln2High + logOnePlus(mantissa - 1, adding: exponent * ln2Low + lost / sum)
  }

  /// e to the power of `x`; infinity above 709.78, 0 below -745.13.
  package static func exp(_ x: Double) -> Double {
    guard x > -746, x < 710 else { return x >= 710 ? .infinity : x <= -746 ? 0 : .nan }
    // Adding 1.5 x 2^52 leaves no bits for a fraction: round to the nearest whole number without a library call.
    let shifted = x * inverseLn2 + 0x1.8p52
    let exponent = shifted - 0x1.8p52
    let rest = (x - exponent * ln2High) - exponent * ln2Low
    let mantissa = 1 + (rest + rest * rest * expSeries(rest))
    let power = Int(exponent)
    if power > -1_022, power < 1_024 { return mantissa * Double(bitPattern: UInt64(power + 1_023) << 52) }
    return Double(sign: .plus, exponent: power, significand: mantissa)
  }

  /// exp(x) - 1 without losing a small `x`.
  package static func expm1(_ x: Double) -> Double {
    x > -0.35 && x < 0.35 ? x + x * x * expSeries(x) : exp(x) - 1
  }

  /// `base`, which is positive, to the power of `exponent`; a relative error of some ulp times the result's exponent.
  package static func pow(_ base: Double, _ exponent: Double) -> Double {
    exp(exponent * log(base))
  }

  private static func logOutsideNormalRange(_ x: Double) -> Double {
    if x == 0 { return -.infinity }
    if x == .infinity { return x }
    return x > 0 ? log(x * 0x1p54) - 54 * (ln2High + ln2Low) : .nan
  }

  /// Exponent and mantissa of a normal positive number, the mantissa in [sqrt(1/2), sqrt(2)).
  private static func split(_ x: Double) -> (exponent: Double, mantissa: Double) {
    // Taking away the bits of sqrt(1/2) first makes the exponent field count from there.
    let sqrtHalf: UInt64 = 0x3FE6_A09E_667F_3BCD
    let shifted = x.bitPattern &- sqrtHalf
    let exponent = Int64(bitPattern: shifted) >> 52
    return (Double(exponent), Double(bitPattern: (shifted & 0x000F_FFFF_FFFF_FFFF) &+ sqrtHalf))
  }

  /// log(1 + f) + `extra` for 1 + f in about [sqrt(1/2), sqrt(2)].
  ///
  /// With s = f / (2 + f), log(1 + f) = 2 (s + s^3 / 3 + s^5 / 5 + ...), where 2s = f - s f keeps f's own bits.
  private static func logOnePlus(_ f: Double, adding extra: Double) -> Double {
    let s = f / (2 + f)
    let z = s * s
    let z2 = z * z
    let z4 = z2 * z2
    let low = (2.0 / 3 + z * (2.0 / 5)) + z2 * (2.0 / 7 + z * (2.0 / 9))
    let middle = (2.0 / 11 + z * (2.0 / 13)) + z2 * (2.0 / 15 + z * (2.0 / 17))
    let high = (2.0 / 19 + z * (2.0 / 21)) + z2 * (2.0 / 23)
    let series = z * (low + z4 * (middle + z4 * high))
    return f - (s * (f - series) - extra)
  }

  /// (exp(r) - 1 - r) / r^2 for |r| <= 0.36: the Taylor series to r^13, in pairs so that the terms do not wait for
  /// each other.
  private static func expSeries(_ r: Double) -> Double {
    let r2 = r * r
    let r4 = r2 * r2
    let low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120))
    let middle = (1.0 / 720 + r * (1.0 / 5_040)) + r2 * (1.0 / 40_320 + r * (1.0 / 362_880))
    let high = (1.0 / 3_628_800 + r * (1.0 / 39_916_800)) + r2 * (1.0 / 479_001_600 + r * (1.0 / 6_227_020_800))
    return low + r4 * (middle + r4 * high)
  }
}
