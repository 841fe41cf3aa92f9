import Measurement
import Observations
import StrictJSON

/// Records by attempt and by end. Attempts: `attempted` = `accepted` + `throttled` + `fault` + `unknown`. Ends: `planned` = `accepted`
/// + `gave_up` + `expired` + `skipped` + `unfinished`. Of the cohort that came due, whenever a record ended; what the side
/// that saw them cannot know is absent.
package struct SummaryRecords: SummarySection, Counted {
  /// Came due.
  package var planned: Int?
  /// Its tries: a target knows of no first ones and of none of unknown fate. Requests have a section of their own.
  package var traffic = Traffic()
  /// How records ended, and how many were sent again after a try whose fate is unknown; absent from a target.
  package var delivery: Delivery?
  /// Kept from coming due by an interrupt or an abort; outside `planned`.
  package var notReached: Int?
  /// Seen from a target, records by content: `distinct` = `delivered` + `lost`, `accepted` = `delivered` + `duplicates`.
  package var distinct: Int?
  /// Distinct and accepted at least once.
  package var delivered: Int?
  /// Distinct and never accepted.
  package var lost: Int?
  /// Acceptances beyond a record's first.
  package var duplicates: Int?
  /// The clock's book, while these phases ran and whosever records they were: tries by their first byte, outcomes by their
  /// instant. Absent in summaries of an older version.
  package var clock: Traffic?

  package init() {}

  /// Counts that are not shown do not tell two apart: they are lost when a summary is read back.
  package static func == (left: SummaryRecords, right: SummaryRecords) -> Bool {
    left.json(decimals: 0) == right.json(decimals: 0)
  }

  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .planned: planned
    case .lost: lost ?? delivery?.lost
    case .firstTries, .retries, .unknown: delivery == nil ? nil : traffic[counter]
    case .requests, .requestsOnReusedConnections, .requestsNeeded: nil
    default: traffic[counter]
    }
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    var (firstTries, unknown) = (self[.firstTries], self[.unknown])
    try visitor.member("planned", &planned)
    try visitor.member("first_try", &firstTries)
    try visitor.member("attempted", &traffic.attempted)
    try visitor.member("accepted", &traffic.accepted)
    try visitor.member("throttled", &traffic.throttled)
    try visitor.member("fault", &traffic.fault)
    try visitor.member("unknown", &unknown)
    (traffic.firstTries, traffic.unknown) = (firstTries ?? 0, unknown ?? 0)
    try visitor.member("gave_up", &delivery[count: \.gaveUp])
    try visitor.member("expired", &delivery[count: \.expired])
    try visitor.member("skipped", &delivery[count: \.skipped])
    try visitor.member("unfinished", &delivery[count: \.unfinished])
    try visitor.member("not_reached", &notReached)
    try visitor.member("maybe_duplicated", &delivery[count: \.mayBeDuplicates])
    try visitor.member("attempted_bytes", &traffic.attemptedBytes)
    try visitor.member("accepted_bytes", &traffic.acceptedBytes)
    try visitor.member("distinct", &distinct)
    try visitor.member("delivered", &delivered)
    try visitor.member("lost", &lost)
    try visitor.member("duplicates", &duplicates)
    try visitor.clock(&clock)
  }
}

/// Requests of the measured phases by their answer.
package struct SummaryRequests: SummarySection {
  /// Its requests: tries have a section of their own.
  package var traffic = Traffic()

  package init() {}

  /// As of `SummaryRecords`.
  package static func == (left: SummaryRequests, right: SummaryRequests) -> Bool {
    left.json(decimals: 0) == right.json(decimals: 0)
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    // What is left when the others are known.
    var allAccepted = traffic.requestsAllAccepted
    try visitor.member("total", &traffic.requests)
    try visitor.member("all_accepted", &allAccepted)
    try visitor.member("partial", &traffic.requestsPartial)
    try visitor.member("refused", &traffic.requestsRefused)
    try visitor.member("transport_errors", &traffic.transportErrors)
    try visitor.member("bytes_on_wire", &traffic.bytesOnWire)
  }
}
