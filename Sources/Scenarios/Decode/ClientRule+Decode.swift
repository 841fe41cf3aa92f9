import Kinesis
import Measurement
import StrictJSON

extension StreamRule {
  /// Reads `stream`, whose fields are checked already.
  init(_ node: ResolvedNode) throws(JSONFailure) {
    name = node["name"].text
    shards = Int(node["shards"].integer)
    limits = try LimitsProfile(node["limits"])
    let readers = node["consumers"].present
    consumers = ConsumerRule(
      shared: readers.map { Int($0["shared"].integer) } ?? 0, fanOut: readers.map { Int($0["fanOut"].integer) } ?? 0)
  }
}

extension SizingRule {
  /// Reads `sizing`, whose fields are checked already; absent, the goals are the standard ones.
  init(_ node: ResolvedNode) {
    self = .standard
    guard let given = node.present else { return }
    self.init(
      throttle: given["throttle"].double, headroom: given["headroom"].double,
      maxShards: Int(given["maxShards"].integer))
  }
}

extension LimitsProfile {
  /// The rules of limits given by number.
  package enum RuleName: String, CaseIterable, Sendable { case bucket, second, sliding, none }

  /// Reads `limits`, whose fields are checked already, each by itself. A bucket holds one second's rate unless a burst is
  /// given; a rate that is not given is Kinesis's own.
  init(_ node: ResolvedNode) throws(JSONFailure) {
    if case .text(let name) = node.value {
      self = LimitsProfile(name: name) ?? .kinesis
      return
    }
    let rule = RuleName(rawValue: node["rule"].text) ?? .bucket
    let unused = rule == .none ? ["records", "bytes", "recordBurst", "byteBurst"] : ["recordBurst", "byteBurst"]
    if rule != .bucket {
      for name in unused {
        guard let given = node[name].present else { continue }
        throw given.node.failure(
          expected:
            "no \(name): \(rule == .none ? "the rule \"none\" has no numbers" : "only the rule \"bucket\" has one")")
      }
    }
    let given = { (name: String) in node[name].present?.integer }
    let records = given("records") ?? Int64(KinesisLimits.recordsPerShardSecond)
    let bytes = given("bytes") ?? Int64(KinesisLimits.bytesPerShardSecond)
    self =
      switch rule {
      case .bucket:
        .explicit(
          ShardLimits(
            recordsPerSecond: records, recordCapacity: given("recordBurst"), bytesPerSecond: bytes,
            byteCapacity: given("byteBurst")))
      case .second: .second(recordsPerSecond: records, bytesPerSecond: bytes)
      case .sliding: .sliding(recordsPerSecond: records, bytesPerSecond: bytes)
      case .none: .none
      }
  }
}

extension BatchRule {
  /// Reads `batch`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    records = Int(node["records"].integer)
    bytes = Int(node["bytes"].integer)
    linger = node["linger"].nanoseconds.map { Nanoseconds($0) }
  }
}

extension ClientRule {
  /// Reads `client`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    producers = Int(node["producers"].integer)
    connections = Int(node["connections"].integer)
    maxInFlight = Int(node["maxInFlight"].integer)
    timeout = node["timeout"].duration
    late = LatePolicy(node["late"])
    retry = RetryPolicy(node["retry"])
    payloadPool = Int(node["payloadPool"].present?.integer ?? 0)
  }
}

extension LatePolicy {
  /// Reads `client.late`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    switch node.type {
    case "burst": self = .burst
    case "skip": self = .skip(after: node["after"].duration)
    default: self = .paced
    }
  }
}

extension RetryPolicy {
  /// Pause and life of a record in the producer library (awslabs/amazon-kinesis-producer, default properties).
  private static let producerLibrary = RetryPolicy.untilExpired(pause: .milliseconds(50), ttl: .seconds(30))

  /// Reads `client.retry`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    switch node.type {
    case "failed-records":
      let backoff = node["backoff"]
      self = .failedRecords(
        maxAttempts: Int(node["maxAttempts"].integer), ttl: node["ttl"].present?.duration,
        backoff: Backoff(
          base: backoff["base"].duration, cap: backoff["cap"].duration, isJittered: backoff["jitter"].text == "full"))
    case "until-expired": self = Self.producerLibrary
    default: self = .none
    }
  }
}

extension ResolvedNode {
  /// A duration that cannot be `"unbounded"`.
  var duration: Nanoseconds { Nanoseconds(nanoseconds ?? 0) }
}
