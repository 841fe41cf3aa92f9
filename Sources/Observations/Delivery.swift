import Measurement

/// What only a generator knows of some time and phase: how the lives of its records ended.
package struct Delivery: Counted, CountGroup, Hashable {
  package var gaveUp = 0
  package var expired = 0
  package var skipped = 0
  package var unfinished = 0
  /// Of the expired, skipped and unfinished, those that were never tried.
  package var untried = 0
  /// Accepted tries of records of which an earlier try may have been accepted too.
  package var mayBeDuplicates = 0

  /// Nothing.
  package init() {}

  /// Records whose life ended without acceptance.
  package var lost: Int { gaveUp + expired + skipped + unfinished }

  package subscript(counter: Counter) -> Int? { counter == .lost ? lost : nil }

  /// Counts the end of so many records; acceptance is a matter of traffic.
  mutating func count(_ end: RecordEnd, _ count: Int = 1) {
    switch end {
    case .gaveUp: gaveUp += count
    case .expired: expired += count
    case .skipped: skipped += count
    case .unfinished: unfinished += count
    case .none, .accepted: break
    }
  }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: Delivery) {
    gaveUp += other.gaveUp
    expired += other.expired
    skipped += other.skipped
    unfinished += other.unfinished
    untried += other.untried
    mayBeDuplicates += other.mayBeDuplicates
  }
}

/// Both together over some time and phase, of a side that knows both.
package struct RunCounts: Counted, Sendable, Hashable {
  package var traffic = Traffic()
  package var delivery = Delivery()

  /// Nothing.
  package init() {}

  package subscript(counter: Counter) -> Int? { traffic[counter] ?? delivery[counter] }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: RunCounts) {
    traffic.add(other.traffic)
    delivery.add(other.delivery)
  }

  /// Whether every try has an outcome, every accepted try an ended record, and every planned record an end.
  ///
  /// planned = accepted + gave up + expired + skipped + unfinished, and attempted = accepted + throttled + fault +
  /// unknown; records that were never tried are the planned ones that are no first tries.
  package func isBalanced(planned: Int) -> Bool {
    planned == traffic.accepted + delivery.lost
      && traffic.attempted == traffic.accepted + traffic.throttled + traffic.fault + traffic.unknown
      && planned == traffic.firstTries + delivery.untried && traffic.attempted >= traffic.firstTries
  }
}

/// How long things took by the plan's clock, nanoseconds.
package struct DeliveryTimes: Sendable {
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
  /// From the batch's closing to the first byte written.
  package var queue = LatencySet.empty
  /// How late batches were closed.
  package var lateness = LatencySet.empty

  /// Nothing recorded.
  package init() {}

  /// Adds another time, phase or lane.
  package mutating func add(_ other: DeliveryTimes) {
    accepted.add(other.accepted)
    lost.add(other.lost)
    throttled.add(other.throttled)
    refused.add(other.refused)
    acceptedLater.add(other.acceptedLater)
    queue.add(other.queue)
    lateness.add(other.lateness)
  }
}

/// How one worker fared in one second, whatever phases it served.
package struct HealthSecond: Sendable {
  /// Counted from the first measured phase.
  package var second: Int
  /// The most requests on the wire or waiting for a connection at any moment.
  package var inFlightMax = 0
  /// How long the worker was busy, in nanoseconds.
  package var busy: Int64 = 0
  /// How long it did not run although something was due, beyond the lateness bound, in nanoseconds.
  package var stopped: Int64 = 0
  /// How long it was ready to run and was not run, in however small pieces, in nanoseconds.
  package var starved: Int64 = 0
  /// Whether the cap on requests in flight held it back.
  package var isCapped = false
  /// Records due and not yet sent for the first time, as last noted.
  package var unsent = 0
  /// Requests whose bytes the kernel did not take at once.
  package var sendBufferFull = 0
  /// Connections made, and how long that took.
  package var made = ConnectionSet()
  /// The longest time one of them took, in nanoseconds.
  package var connectMax: Int64 = 0
  /// The longest TLS handshake among them, in nanoseconds; `nil` without one.
  package var handshakeMax: Int64?

  /// A second of which nothing is known yet.
  package init(second: Int) { self.second = second }

  mutating func take(_ connection: ConnectionObservation) {
    made.add(connection)
    connectMax = max(connectMax, connection.connect)
    if let time = connection.handshake { handshakeMax = max(handshakeMax ?? 0, time) }
  }
}
