import Kinesis
import Measurement

/// What a worker waits for at one instant: requests without an answer, and what it has not sent yet.
///
/// Results know requests by their outcomes; this is what there is to see of them before.
package struct Outstanding: Sendable {
  /// A request younger than this is not looked into: it is under way as every request is for a while.
  package static let minimumAge: Int64 = 250_000_000

  /// How long things of one phase have taken so far, nanoseconds; less than it will be.
  package struct Ages: Sendable {
    /// Since records came due: all of them, and those that were sent for the first time.
    package var delivery = LatencySet.empty
    package var response = LatencySet.empty
    /// Since batches were closed that wait for a connection.
    package var queue = LatencySet.empty
    /// Since requests were sent.
    package var service = LatencySet.empty

    /// Nothing.
    package init() {}

    /// The ages a latency has; `nil` for lateness, which ends before anything is waited for.
    package subscript(kind: LatencyKind) -> Histogram? {
      switch kind {
      case .response: response
      case .delivery: delivery
      case .queue: queue
      case .service: service
      case .lateness: nil
      }
    }

    /// Adds another worker's.
    mutating func add(_ other: Ages) {
      delivery.add(other.delivery)
      response.add(other.response)
      queue.add(other.queue)
      service.add(other.service)
    }
  }

  /// When it was looked at, nanoseconds since the run's start, as are the other instants.
  package var at: Int64
  /// Requests on the wire and closed batches that wait for a connection.
  package var requests = 0
  /// When the oldest request without an answer was sent.
  package var oldestSent: Int64?
  /// When the last answer was read.
  package var lastAnswer: Int64?
  /// How long ago the first batch that is still open should have closed; 0 when the worker keeps up.
  package var behind: Int64 = 0
  /// Whether the cap on requests in flight held the worker back lately.
  package var isCapped = false
  /// By phase, of requests that are older than usual, and of records that wait for their next try where somebody asks.
  package var ages: [Int: Ages] = [:]
  /// The response times among them by phase and predicted shard, where somebody asks for them.
  package var shardAges: [Int: [Int: Histogram]] = [:]
  /// Records on the wire by the second in which they were sent.
  package var sent: [Int: Int] = [:]

  /// Nothing.
  package init(at instant: Int64) { at = instant }

  /// Takes in a request. O(records).
  ///
  /// - Parameters:
  ///   - records: its tries.
  ///   - phase: the request's.
  ///   - closed: when its batch was closed.
  ///   - sent: when it was sent, if it was.
  ///   - perShard: whether the records know their shards, and somebody asks for them.
  package mutating func add(
    _ records: UnsafeMutableBufferPointer<RecordObservation>, phase: Int, closed: Int64, sent: Int64?, perShard: Bool
  ) {
    var phase = phase
    var ages = self.ages.removeValue(forKey: phase) ?? Ages()
    if let sent { ages.service.record(at - sent) } else { ages.queue.record(at - closed) }
    for record in records {
      if Int(record.planned.phase) != phase {
        self.ages[phase] = ages
        phase = Int(record.planned.phase)
        ages = self.ages.removeValue(forKey: phase) ?? Ages()
      }
      let age = at - record.planned.due
      ages.delivery.record(age)
      guard record.attempt == 1 else { continue }
      ages.response.record(age)
      if perShard, record.shard >= 0 {
        shardAges[phase, default: [:]][Int(record.shard), default: ShardHistograms.empty].record(age)
      }
    }
    self.ages[phase] = ages
  }

  /// Takes in a record that waits for its next try: not delivered, at its age.
  package mutating func addRetry(_ record: RecordObservation) {
    let age = at - record.planned.due
    guard age >= Self.minimumAge else { return }
    ages[Int(record.planned.phase), default: Ages()].delivery.record(age)
  }

  /// Takes in another worker's: the oldest of both, and the sums of what adds up.
  package mutating func add(_ other: Outstanding) {
    at = max(at, other.at)
    requests += other.requests
    oldestSent = [oldestSent, other.oldestSent].compactMap(\.self).min()
    lastAnswer = [lastAnswer, other.lastAnswer].compactMap(\.self).max()
    behind = max(behind, other.behind)
    isCapped = isCapped || other.isCapped
    for (phase, others) in other.ages { ages[phase, default: Ages()].add(others) }
    for (phase, shards) in other.shardAges {
      for (shard, others) in shards {
        shardAges[phase, default: [:]][shard, default: ShardHistograms.empty].add(others)
      }
    }
    sent.merge(other.sent, uniquingKeysWith: +)
  }

  /// How long nothing has been answered although something was sent, nanoseconds; `nil` when nothing is on the wire.
  package func silence(at now: Int64) -> Int64? {
    oldestSent.map { max(0, now - max($0, lastAnswer ?? $0)) }
  }
}
