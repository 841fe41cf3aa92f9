import Kinesis
import Measurement
import Scenarios

extension OptionValue {
  /// What ``duration(_:)`` expects.
  static let aDuration = "a length of time with its unit, as 250ms, 5s or 2m"
  /// What ``size(_:)`` expects.
  static let aSize = "a size with its unit, as 512B, 64KiB or 5MiB"

  /// A length of time as scenarios write them, not zero.
  @Sendable static func duration(_ word: String) throws(ValueProblem) -> Nanoseconds {
    guard let nanoseconds = UnitText.nanoseconds(of: word), nanoseconds > 0 else {
      throw ValueProblem(expected: aDuration)
    }
    return Nanoseconds(nanoseconds)
  }

  /// A number of bytes as scenarios write them, not zero.
  @Sendable static func size(_ word: String) throws(ValueProblem) -> UInt64 {
    guard let bytes = UnitText.bytes(of: word), bytes > 0 else { throw ValueProblem(expected: aSize) }
    return UInt64(bytes)
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
