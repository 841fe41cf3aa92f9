import Kinesis
import Measurement
import Scenarios

extension OptionValue {
  /// The most that a length of time on the command line may be: that of a phase, 31 days.
  static let longestHours: Int64 = 31 * 24
  /// The most that a size on the command line may be: a million TiB.
  static let largestMebibytes: Int64 = 1 << 40

  /// What a length of time may be, from `low` on.
  static func aDuration(from low: String) -> String {
    "a length of time with its unit from \(low) to \(longestHours)h, as 250ms, 5s or 2m"
  }

  /// What a size may be, from `low` on.
  static func aSize(from low: String) -> String {
    "a size with its unit from \(low) to \(largestMebibytes)MiB, as 512B, 64KiB or 5MiB"
  }

  /// A length of time as scenarios write them: 1 ns to 31 days.
  @Sendable static func duration(_ word: String) throws(ValueProblem) -> Nanoseconds {
    guard let nanoseconds = nanoseconds(word), nanoseconds > 0 else {
      throw ValueProblem(expected: aDuration(from: "1ns"))
    }
    return Nanoseconds(nanoseconds)
  }

  /// Nanoseconds of a length of time; nil for other text and for more than 31 days.
  static func nanoseconds(_ word: String) -> Int64? {
    UnitText.nanoseconds(of: word).flatMap { $0 <= longestHours * 3_600_000_000_000 ? $0 : nil }
  }

  /// A number of bytes as scenarios write them: 1 B to a million TiB.
  @Sendable static func size(_ word: String) throws(ValueProblem) -> UInt64 {
    guard let bytes = bytes(word), bytes > 0 else { throw ValueProblem(expected: aSize(from: "1B")) }
    return UInt64(bytes)
  }

  /// Bytes of a size; nil for other text and for more than a million TiB.
  static func bytes(_ word: String) -> Int64? {
    UnitText.bytes(of: word).flatMap { $0 <= largestMebibytes << 20 ? $0 : nil }
  }

  /// A stream's name: 1 to 128 of the characters that Kinesis allows.
  @Sendable static func streamName(_ word: String) throws(ValueProblem) -> String {
    let isAllowed = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isAllowed, (1...128).contains(word.utf8.count) else {
      throw ValueProblem(expected: "a stream name of 1 to 128 letters, digits, _ . -")
    }
    return word
  }

  /// A region as it stands in a signature's scope, whose parts a slash divides.
  @Sendable static func region(_ word: String) throws(ValueProblem) -> String {
    guard !word.isEmpty, CredentialsResolver.isHeaderText(word), !word.contains("/") else {
      throw ValueProblem(expected: "a region, as eu-west-1")
    }
    return word
  }

  /// The ARN of a stream.
  @Sendable static func streamARN(_ word: String) throws(ValueProblem) -> StreamARN {
    guard let arn = StreamARN(word), (try? streamName(arn.streamName)) != nil else {
      throw ValueProblem(expected: "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME")
    }
    return arn
  }
}
