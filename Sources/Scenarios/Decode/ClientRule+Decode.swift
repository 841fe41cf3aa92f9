import Kinesis
import Measurement

extension StreamRule {
  /// Reads `stream`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    name = node["name"].text
    shards = Int(node["shards"].integer)
    limits = LimitsProfile(node["limits"])
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
  /// Reads `limits`, which is checked already. A bucket holds one second's rate unless a burst is given; a rate that is not
  /// given is Kinesis's own.
  init(_ node: ResolvedNode) {
    if case .text(let name) = node.value {
      self = LimitsProfile(name: name) ?? .kinesis
      return
    }
    let given = { (name: String) in node[name].present?.integer }
    self = .explicit(
      ShardLimits(
        recordsPerSecond: given("records") ?? Int64(KinesisLimits.recordsPerShardSecond),
        recordCapacity: given("recordBurst"),
        bytesPerSecond: given("bytes") ?? Int64(KinesisLimits.bytesPerShardSecond), byteCapacity: given("byteBurst")))
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
