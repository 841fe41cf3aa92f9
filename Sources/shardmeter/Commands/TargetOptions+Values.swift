import Kinesis
import LocalKinesis
import Measurement
import Scenarios
import StrictJSON

/// The readers of `target`'s option values.
extension TargetOptions {
  static func required(_ expected: String) -> @Sendable (String) throws(ValueProblem) -> String {
    { (word: String) throws(ValueProblem) in
      guard !word.isEmpty else { throw ValueProblem(expected: expected) }
      return word
    }
  }

  @Sendable static func namedStream(_ word: String) throws(ValueProblem) -> NamedStream {
    let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = try OptionValue.streamName(sides.first.map(String.init) ?? "")
    guard sides.count == 2 else { return NamedStream(name: name, shards: nil) }
    guard let shards = Int(sides[1]), (1...KinesisLimits.shardsPerStream).contains(shards) else {
      throw ValueProblem(
        expected: "after = the number of its shards, from 1 to \(KinesisLimits.shardsPerStream)")
    }
    return NamedStream(name: name, shards: shards)
  }

  @Sendable static func evenRanges(_ word: String) throws(ValueProblem) -> [HashKeyRange]? {
    HashKeyRange.even(count: try OptionValue.whole(1...KinesisLimits.shardsPerStream)(word))
  }

  @Sendable static func origin(_ word: String) throws(ValueProblem) -> String {
    guard let origin = WebAccess.origin(of: word) else {
      throw ValueProblem(expected: "the origin of a web page, as http://localhost:3000")
    }
    return origin
  }

  @Sendable static func hostName(_ word: String) throws(ValueProblem) -> String {
    guard let name = WebAccess.name(ofHost: word) else {
      throw ValueProblem(expected: "a host's name or address without a port, as kinesis")
    }
    return name
  }

  @Sendable static func account(_ word: String) throws(ValueProblem) -> String {
    guard word.utf8.count == 12, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw ValueProblem(expected: "twelve digits")
    }
    return word
  }

  @Sendable static func nanoseconds(_ word: String) throws(ValueProblem) -> Int64 {
    guard let nanoseconds = OptionValue.nanoseconds(word) else {
      throw ValueProblem(expected: OptionValue.aDuration(from: "0s"))
    }
    return nanoseconds
  }

  @Sendable static func clockOffset(_ word: String) throws(ValueProblem) -> Int64 {
    let isNegative = word.hasPrefix("-")
    let microseconds = try nanoseconds(isNegative ? String(word.dropFirst()) : word) / 1000
    return isNegative ? -microseconds : microseconds
  }

  @Sendable static func bytes(_ word: String) throws(ValueProblem) -> Int {
    if word == "0" { return 0 }
    guard let bytes = OptionValue.bytes(word) else { throw ValueProblem(expected: OptionValue.aSize(from: "0")) }
    return Int(bytes)
  }

  @Sendable static func limits(_ word: String) throws(ValueProblem) -> LimitsProfile {
    try ShortForm.read(word, "--limits") { (node) throws(JSONFailure) in try EndpointDecoder.limits(node) }
  }

  @Sendable static func shardLatency(_ word: String) throws(ValueProblem) -> ShardLatency {
    let parts = word.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let shard = Int(parts[0]), (0..<KinesisLimits.shardsPerStream).contains(shard) else {
      throw ValueProblem(
        expected: "a shard's number from 0 to \(KinesisLimits.shardsPerStream - 1), = and its latency, as 2=50ms")
    }
    let latency = try ShortForm.read(String(parts[1]), "--shard-latency") { (node) throws(JSONFailure) in
      try EndpointDecoder.latency(node)
    }
    return ShardLatency(shard: shard, latency: latency ?? .fixed(0))
  }

  @Sendable static func latency(_ word: String) throws(ValueProblem) -> LatencyModel? {
    try ShortForm.read(word, "--latency") { (node) throws(JSONFailure) in try EndpointDecoder.latency(node) }
  }

  @Sendable static func fault(_ word: String) throws(ValueProblem) -> FaultRule {
    try ShortForm.readRule(word, "--fault") { (node) throws(JSONFailure) in try EndpointDecoder.fault(node) }
  }

  @Sendable static func reshard(_ word: String) throws(ValueProblem) -> ReshardRule {
    try ShortForm.readRule(word, "--reshard") { (node) throws(JSONFailure) in try EndpointDecoder.reshard(node) }
  }

  @Sendable static func capacity(_ word: String) throws(ValueProblem) -> Double? {
    guard let number = Double(word), number > 0, number.isFinite, number <= 1e9 else {
      throw ValueProblem(expected: "records per second above 0 and at most 1000000000, as 5000")
    }
    return number
  }
}

/// Values that a scenario writes as JSON, as options take them: the same JSON, or a short form of it.
enum ShortForm {
  /// Reads a value: JSON where it is that, else the words as they are, such as `20ms`.
  static func read<Value>(
    _ word: String, _ option: String, as decode: (JSONNode) throws(JSONFailure) -> Value
  ) throws(ValueProblem) -> Value {
    do throws(JSONFailure) {
      return try decode(JSONDocument.option(word, source: option))
    } catch {
      throw ValueProblem(error)
    }
  }

  /// Reads a value with a type, which may be written `type:field=value,…`, a value alone being the probability: `500:1%`,
  /// `stall:every=100,delay=2s`, `split:at=20s,shard=2`.
  static func readRule<Value>(
    _ word: String, _ option: String, as decode: (JSONNode) throws(JSONFailure) -> Value
  ) throws(ValueProblem) -> Value {
    try read(word, option) { (node) throws(JSONFailure) in
      let parts = word.split(separator: ":", maxSplits: 1)
      guard case .string = node.kind, parts.count == 2 else { return try decode(node) }
      return try decode(
        node.object(of: parts[1], after: [("type", .string(String(parts[0])))], nameless: "probability"))
    }
  }
}

extension ValueProblem {
  /// What a document given as an option's value lacks, with the path inside it.
  init(_ failure: JSONFailure) {
    let subject = failure.path.isRoot ? "" : "\(failure.path) to be "
    self.init(
      expected: subject + failure.expected, found: failure.path.isRoot ? nil : failure.found,
      suggestion: failure.suggestion)
  }
}
