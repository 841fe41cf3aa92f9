import Measurement

/// The distributions over some time and phase, in nanoseconds, kept so that none holds a sample of another: the reported
/// ones are sums of them.
package struct LatencySet: Sendable {
  /// Response times of first tries that were accepted.
  package var accepted = LatencySet.empty
  /// Ages of first tries whose answer never came.
  package var lost = LatencySet.empty
  /// Response times of first tries that were throttled.
  package var throttled = LatencySet.empty
  /// Response times of first tries that failed otherwise.
  package var refused = LatencySet.empty
  /// From due to acceptance of records that were accepted on a later try.
  package var acceptedLater = LatencySet.empty
  /// Service times of requests by answer: all accepted, some accepted, none.
  package var serviceAccepted = LatencySet.empty
  package var servicePartial = LatencySet.empty
  package var serviceRefused = LatencySet.empty
  /// From the batch's closing to the first byte written.
  package var queue = LatencySet.empty
  /// How late batches were closed.
  package var lateness = LatencySet.empty

  /// Nothing recorded.
  package init() {}

  /// Values are kept to three significant digits, from 64 ns upwards.
  package static var empty: Histogram { Histogram(significantDigits: 3, lowestDiscernible: 64) }

  /// The headline: accepted first tries, and lost ones at their age.
  package var response: Histogram { Self.sum(accepted, lost) }
  /// From due to acceptance, retries included.
  package var delivery: Histogram { Self.sum(accepted, acceptedLater) }
  /// Of all answered requests.
  package var service: Histogram { Self.sum(Self.sum(serviceAccepted, servicePartial), serviceRefused) }

  /// The distribution a metric is about.
  package func histogram(of kind: LatencyKind) -> Histogram {
    switch kind {
    case .response: response
    case .queue: queue
    case .service: service
    case .delivery: delivery
    case .lateness: lateness
    }
  }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: LatencySet) {
    accepted.add(other.accepted)
    lost.add(other.lost)
    throttled.add(other.throttled)
    refused.add(other.refused)
    acceptedLater.add(other.acceptedLater)
    serviceAccepted.add(other.serviceAccepted)
    servicePartial.add(other.servicePartial)
    serviceRefused.add(other.serviceRefused)
    queue.add(other.queue)
    lateness.add(other.lateness)
  }

  private static func sum(_ left: Histogram, _ right: Histogram) -> Histogram {
    var sum = left
    if !right.isEmpty { sum.add(right) }
    return sum
  }
}
