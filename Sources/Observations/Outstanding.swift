import Measurement

/// What a worker waits for at one instant: requests without an answer, and what it has not sent yet.
///
/// Results know requests by their outcomes; this is what there is to see of them before.
package struct Outstanding: Sendable {
  /// A request younger than this is not looked into: it is under way as every request is for a while.
  package static let minimumAge: Int64 = 250_000_000

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
  /// By phase, how long ago the records of older requests came due that were sent for the first time.
  package var ages: [Int: Histogram] = [:]
  /// Records of older requests on the wire by the second in which they were sent.
  package var sent: [Int: Int] = [:]

  /// Nothing.
  package init(at instant: Int64) { at = instant }

  /// Takes in the first tries of a request of one phase.
  package mutating func add(due: Int64, phase: Int) {
    ages[phase, default: LatencySet.empty].record(max(at - due, 0))
  }

  /// Takes in another worker's: the oldest of both, and the sums of what adds up.
  package mutating func add(_ other: Outstanding) {
    at = max(at, other.at)
    requests += other.requests
    oldestSent = [oldestSent, other.oldestSent].compactMap(\.self).min()
    lastAnswer = [lastAnswer, other.lastAnswer].compactMap(\.self).max()
    behind = max(behind, other.behind)
    isCapped = isCapped || other.isCapped
    for (phase, others) in other.ages { ages[phase, default: LatencySet.empty].add(others) }
    sent.merge(other.sent, uniquingKeysWith: +)
  }

  /// How long nothing has been answered although something was sent, nanoseconds; `nil` when nothing is on the wire.
  package func silence(at now: Int64) -> Int64? {
    oldestSent.map { max(0, now - max($0, lastAnswer ?? $0)) }
  }
}
