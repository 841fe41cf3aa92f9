import Kinesis
import Testing

/// Arithmetic on numbers that others chose.
@Suite struct SaturatingTests {
  private static let numbers: [Int64] = [.min, .min + 1, -1 << 53, -2, -1, 0, 1, 2, 1 << 53, .max - 1, .max]

  /// The oracle reckons in 128 bits and cuts off.
  @Test(arguments: numbers, numbers)
  func resultsStayAtTheBounds(left: Int64, right: Int64) {
    let (wideLeft, wideRight) = (Int128(left), Int128(right))
    #expect(left.addingSaturated(right) == Int64(clamping: wideLeft + wideRight))
    #expect(left.subtractingSaturated(right) == Int64(clamping: wideLeft - wideRight))
    #expect(left.multipliedSaturated(by: right) == Int64(clamping: wideLeft * wideRight))
  }

  @Test func withoutSigns() {
    #expect(UInt64.max.addingSaturated(1) == .max)
    #expect(UInt64(0).subtractingSaturated(1) == 0)
    #expect(UInt128.max.addingSaturated(8) == .max)
    #expect(UInt8(200).multipliedSaturated(by: 2) == 255)
  }

  @Test(arguments: [
    (1e300, Int64.max), (-1e300, .min), (.infinity, .max), (-.infinity, .min), (.nan, 0), (0x1p63, .max),
    (-0x1p63, .min), (0x1.FFFFFFFFFFFFFp62, 0x7FFF_FFFF_FFFF_FC00), (2.5, 3), (-2.5, -3), (0.4, 0),
  ])
  func floatingPoint(number: Double, whole: Int64) {
    #expect(Int64(saturating: number) == whole)
  }

  @Test func placesThatAreNone() {
    let elements = ["a", "b"]
    #expect(elements[checked: 1] == "b")
    for position in [-1, 2, Int.min, .max] { #expect(elements[checked: position] == nil) }
    #expect(elements.dropFirst()[checked: 0] == nil)
  }
}
