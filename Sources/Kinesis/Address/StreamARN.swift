/// The Amazon resource name of a stream: `arn:aws:kinesis:REGION:ACCOUNT:stream/NAME`.
package struct StreamARN: Sendable, Hashable, CustomStringConvertible {
  package var partition: String
  package var region: String
  package var account: String
  package var streamName: String

  /// The name of a stream of this endpoint.
  package init(region: String, account: String, streamName: String) {
    partition = "aws"
    self.region = region
    self.account = account
    self.streamName = streamName
  }

  /// Reads the text form; nil when it is not a stream's name of Kinesis.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "kinesis",
      parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      parts[5].hasPrefix("stream/")
    else { return nil }
    let name = parts[5].dropFirst("stream/".count)
    guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { return nil }
    partition = String(parts[1])
    region = String(parts[3])
    account = String(parts[4])
    streamName = String(name)
  }

  package var description: String { "arn:\(partition):kinesis:\(region):\(account):stream/\(streamName)" }
}
