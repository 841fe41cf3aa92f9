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

  @Sendable static func streamName(_ word: String) throws(ValueProblem) -> String? {
    try OptionValue.streamName(word)
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
    do throws(JSONFailure) {
      return try EndpointDecoder.limits(option: word)
    } catch {
      throw ValueProblem(error)
    }
  }

  @Sendable static func shardLatency(_ word: String) throws(ValueProblem) -> ShardLatency {
    let read: (shard: Int, latency: LatencyModel)?
    do throws(JSONFailure) {
      read = try EndpointDecoder.shardLatency(option: word)
    } catch {
      throw ValueProblem(error)
    }
    guard let read else {
      throw ValueProblem(
        expected: "a shard's number from 0 to \(KinesisLimits.shardsPerStream - 1), = and its latency, as 2=50ms")
    }
    return ShardLatency(shard: read.shard, latency: read.latency)
  }

  @Sendable static func latency(_ word: String) throws(ValueProblem) -> LatencyModel? {
    do throws(JSONFailure) {
      return try EndpointDecoder.latency(option: word)
    } catch {
      throw ValueProblem(error)
    }
  }

  @Sendable static func fault(_ word: String) throws(ValueProblem) -> FaultRule {
    do throws(JSONFailure) {
      return try EndpointDecoder.fault(option: word)
    } catch {
      throw ValueProblem(error)
    }
  }

  @Sendable static func reshard(_ word: String) throws(ValueProblem) -> ReshardRule {
    do throws(JSONFailure) {
      return try EndpointDecoder.reshard(option: word)
    } catch {
      throw ValueProblem(error)
    }
  }

  @Sendable static func capacity(_ word: String) throws(ValueProblem) -> Double? {
    guard let number = Double(word), number > 0, number.isFinite, number <= 1e9 else {
      throw ValueProblem(expected: "records per second above 0 and at most 1000000000, as 5000")
    }
    return number
  }
}

extension ValueProblem {
  /// What a document given as an option's value lacks, with the place inside it.
  init(_ failure: JSONFailure) {
    let place = failure.path.isRoot ? "" : "\(failure.path) to be "
    self.init(
      expected: place + failure.expected, found: failure.path.isRoot ? nil : failure.found,
      suggestion: failure.suggestion)
  }
}
