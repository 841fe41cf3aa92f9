import Measurement
import RunResults
import Testing

@testable import shardmeter

@Suite struct OptionValueTests {
  @Test(arguments: [
    ("1us", 1_000), ("250ms", 250_000_000), ("5s", 5_000_000_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000),
    ("1h", 3_600_000_000_000),
  ])
  func durationsHaveUnits(word: String, nanoseconds: Int64) throws {
    #expect(try OptionValue.duration(word) == Nanoseconds(nanoseconds))
  }

  @Test(arguments: [
    "", "5", "s", "-5s", "5 s", "5S", ".5s", "5.s", "1.2.3s", "0s", "1e9h", "99999999999h", "nans", "99999999999999h",
  ])
  func otherTextIsNoDuration(word: String) {
    #expect(throws: ValueProblem.self) { try OptionValue.duration(word) }
  }

  @Test(arguments: ["eu-west-1", "us-gov-east-1", "local", "US_EAST"])
  func regionsAreAWord(word: String) throws { #expect(try OptionValue.region(word) == word) }

  /// What would end a header's line, or another part of a signature's scope.
  @Test(arguments: ["", "eu-west-1\r\nX-Evil: 1", "eu-west-1\n", " eu-west-1", "eu west", "eu/west", "eu\u{0}", "é"])
  func otherTextIsNoRegion(word: String) {
    #expect(throws: ValueProblem.self) { try OptionValue.region(word) }
  }

  @Test func aRegionOfTheEnvironmentIsCheckedToo() {
    let run = CommandRun(
      ["run", "quickstart", "--target", "http://127.0.0.1:9"], environment: ["AWS_REGION": "eu-west-1\r\nX-Evil: 1"])
    #expect(run.code == .usage)
    #expect(run.errors.contains(#""eu-west-1\r\nX-Evil: 1" is no region"#))
  }

  @Test(arguments: [
    ("1B", 1), ("512B", 512), ("64KiB", 65_536), ("64KB", 64_000), ("5MiB", 5_242_880), ("5MB", 5_000_000),
    ("1.5KiB", 1_536),
  ])
  func sizesHaveUnits(word: String, bytes: UInt64) throws {
    #expect(try OptionValue.size(word) == bytes)
  }

  @Test(arguments: ["", "0", "1", "0B", "KiB", "5kb", "5 KiB", "-1", "99999999999999MiB"])
  func otherTextIsNoSize(word: String) {
    #expect(throws: ValueProblem.self) { try OptionValue.size(word) }
  }
}
