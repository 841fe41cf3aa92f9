/// Records by attempt and by end, and requests by answer, over some time and phase.
package struct RunCounts: Sendable, Equatable {
  package var firstTries = 0
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  package var fault = 0
  package var unknown = 0
  package var gaveUp = 0
  package var expired = 0
  package var skipped = 0
  package var unfinished = 0
  /// Of the expired, skipped and unfinished, those that were never tried.
  package var untried = 0
  /// Accepted tries of records of which an earlier try may have been accepted too.
  package var mayBeDuplicates = 0
  package var attemptedBytes = 0
  package var acceptedBytes = 0
  /// Throttled tries of which no shard is known.
  package var throttledUnplaced = 0
  package var requests = 0
  package var requestsPartial = 0
  package var requestsRefused = 0
  package var transportErrors = 0
  package var bytesOnWire = 0

  /// Nothing.
  package init() {}

  /// Adds another time, phase or lane.
  package mutating func add(_ other: RunCounts) {
    firstTries += other.firstTries
    attempted += other.attempted
    accepted += other.accepted
    throttled += other.throttled
    fault += other.fault
    unknown += other.unknown
    gaveUp += other.gaveUp
    expired += other.expired
    skipped += other.skipped
    unfinished += other.unfinished
    untried += other.untried
    mayBeDuplicates += other.mayBeDuplicates
    attemptedBytes += other.attemptedBytes
    acceptedBytes += other.acceptedBytes
    throttledUnplaced += other.throttledUnplaced
    requests += other.requests
    requestsPartial += other.requestsPartial
    requestsRefused += other.requestsRefused
    transportErrors += other.transportErrors
    bytesOnWire += other.bytesOnWire
  }

  /// Records whose life ended without acceptance.
  package var lost: Int { gaveUp + expired + skipped + unfinished }

  /// Whether every try has an outcome, every accepted try an ended record, and every planned record an end.
  ///
  /// planned = accepted + gave up + expired + skipped + unfinished, and attempted = accepted + throttled + fault +
  /// unknown; records that were never tried are the planned ones that are no first tries.
  package func isBalanced(planned: Int) -> Bool {
    planned == accepted + lost && attempted == accepted + throttled + fault + unknown
      && planned == firstTries + untried && attempted >= firstTries
  }
}
