import Reporting
import Testing

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (0.0, "0"), (0.000_000_1, "0"), (0.001_234, "0.001234"), (0.009_4, "0.0094"), (0.1, "0.100"), (0.9994, "0.999"),
    (0.9996, "1.00"), (8.156, "8.16"), (9.994, "9.99"), (9.996, "10.0"), (25.34, "25.3"), (99.96, "100"),
    (160.4, "160"),
    (999.4, "999"), (999.6, "1000"), (1234, "1230"), (1235, "1240"), (-25.34, "-25.3"), (Double.nan, "–"),
    (Double.infinity, "–"),
  ])
  func threeSignificantDigits(_ value: Double, _ text: String) { #expect(NumberFormat.significant(value) == text) }

  @Test(arguments: [
    (0.0, "0"), (0.093_21, "9.32"), (0.000_02, "0.002"), (0.000_000_2, "0.00002"), (0.000_000_000_1, "0.00001"),
    (0.999_99, "99.99"), (1, "100"), (0.5, "50.00"), (2.5, "250.00"),
  ])
  func aRateNeverReadsAsZeroOrAllWhenItIsNot(_ ratio: Double, _ text: String) {
    #expect(NumberFormat.percent(ratio) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (950, "950"), (9600, "9.6k"), (20_480, "20.5k"), (99_960, "100k"), (1_250_000, "1.25M"), (2.5, "2.5"),
    (15_000_000, "15M"), (3.2e9, "3.2G"), (0.25, "0.25"), (0.01, "0.01"), (0.025, "0.025"), (0.96, "1"), (-0.5, "-0.5"),
  ])
  func axisValues(_ value: Double, _ text: String) { #expect(NumberFormat.compact(value) == text) }

  @Test(arguments: [
    (-0.4, 0, "0"), (-0.5, 0, "-1"), (1.005, 1, "1.0"), (0.25, 1, "0.3"), (-2.25, 1, "-2.3"), (1e17, 0, "–"),
  ])
  func fixedDecimals(_ value: Double, _ decimals: Int, _ text: String) {
    #expect(NumberFormat.fixed(value, decimals) == text)
  }

  @Test(arguments: [(0.0, "0.0"), (0.000_1, "<0.1"), (0.505, "50.5"), (0.9999, "99.9"), (1, "100.0")])
  func oneDecimal(_ ratio: Double, _ text: String) { #expect(NumberFormat.percentShort(ratio) == text) }

  @Test(arguments: [(0.0, "0.0"), (0.000_1, "0.1"), (0.001, "0.1"), (0.001_1, "0.2"), (1, "100.0")])
  func ceiling(_ ratio: Double, _ text: String) { #expect(NumberFormat.percentCeiling(ratio) == text) }

  @Test(arguments: [(0.01, "1"), (0.005, "0.5"), (0.000_1, "0.01"), (0.0, "0"), (1e-12, "0.00001")])
  func limits(_ ratio: Double, _ text: String) { #expect(NumberFormat.percentLimit(ratio) == text) }

  @Test(arguments: [(0.412, "0.412 s"), (90, "90 s"), (600, "10 min"), (601, "601 s")])
  func durations(_ value: Double, _ text: String) { #expect(NumberFormat.seconds(value) == text) }
}
