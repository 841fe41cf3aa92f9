/// Arithmetic on numbers that others chose: a value from the wire, a token, a file or an option, and what is reckoned with
/// it. Swift's own operators end the process where a result has no place in its type; these end at the type's bound.
extension FixedWidthInteger {
  /// The sum, or the bound it would pass.
  @inline(__always)
  package func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other < 0 ? .min : .max
  }

  /// The difference, or the bound it would pass.
  @inline(__always)
  package func subtractingSaturated(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    guard overflow else { return difference }
    return other < 0 ? .max : .min
  }

  /// The product, or the bound it would pass.
  @inline(__always)
  package func multipliedSaturated(by other: Self) -> Self {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    guard overflow else { return product }
    return (self < 0) == (other < 0) ? .max : .min
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  /// The whole number nearest to a floating-point one, or the bound beyond which it lies; 0 for what is no number.
  package init(saturating number: Double) {
    let whole = number.rounded()
    self = Self(exactly: whole) ?? (whole.isNaN ? 0 : whole < 0 ? .min : .max)
  }
}

extension RandomAccessCollection {
  /// The element at a place that others chose; nil where there is none.
  package subscript(checked index: Index) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
