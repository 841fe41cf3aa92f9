import StrictJSON

/// Records by attempt and by end. Attempts: `attempted` = `accepted` + `throttled` + `fault` + `unknown`. Ends: `planned` = `accepted`
/// + `gave_up` + `expired` + `skipped` + `unfinished`. Of the cohort that came due, whenever a record ended; what the side
/// that saw them cannot know is absent.
package struct SummaryRecords: SummarySection {
  /// Came due.
  package var planned: Int?
  /// Demand: records sent for the first time.
  package var firstTry: Int?
  /// On the wire, retries included.
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  /// Refused for another reason than throttling, alone or with their whole request.
  package var fault = 0
  /// Tries without an answer, which may have been accepted.
  package var unknown: Int?
  /// Failed for good: no retry left, or none configured.
  package var gaveUp: Int?
  /// Older than the retry policy's life of a record.
  package var expired: Int?
  /// Dropped by the late policy before the first try.
  package var skipped: Int?
  /// Without an end when the drain was over.
  package var unfinished: Int?
  /// Kept from coming due by an interrupt or an abort; outside `planned`.
  package var notReached: Int?
  /// Sent again after a try whose fate is unknown.
  package var maybeDuplicated: Int?
  /// Data and partition keys.
  package var attemptedBytes = 0
  package var acceptedBytes = 0
  /// Seen from a target, records by content: `distinct` = `delivered` + `lost`, `accepted` = `delivered` + `duplicates`.
  package var distinct: Int?
  /// Distinct and accepted at least once.
  package var delivered: Int?
  /// Distinct and never accepted.
  package var lost: Int?
  /// Acceptances beyond a record's first.
  package var duplicates: Int?
  /// By the clock, while these phases ran and whosever records they were: tries by their first byte, outcomes by their
  /// instant. Absent in summaries of an older version.
  package var clockAttemptedRecords: Int?
  package var clockAcceptedRecords: Int?
  package var clockThrottledRecords: Int?
  /// Faults and tries of unknown fate.
  package var clockFaultRecords: Int?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("planned", &planned)
    try visitor.member("first_try", &firstTry)
    try visitor.member("attempted", &attempted)
    try visitor.member("accepted", &accepted)
    try visitor.member("throttled", &throttled)
    try visitor.member("fault", &fault)
    try visitor.member("unknown", &unknown)
    try visitor.member("gave_up", &gaveUp)
    try visitor.member("expired", &expired)
    try visitor.member("skipped", &skipped)
    try visitor.member("unfinished", &unfinished)
    try visitor.member("not_reached", &notReached)
    try visitor.member("maybe_duplicated", &maybeDuplicated)
    try visitor.member("attempted_bytes", &attemptedBytes)
    try visitor.member("accepted_bytes", &acceptedBytes)
    try visitor.member("distinct", &distinct)
    try visitor.member("delivered", &delivered)
    try visitor.member("lost", &lost)
    try visitor.member("duplicates", &duplicates)
    try visitor.member("clock_attempted_records", &clockAttemptedRecords)
    try visitor.member("clock_accepted_records", &clockAcceptedRecords)
    try visitor.member("clock_throttled_records", &clockThrottledRecords)
    try visitor.member("clock_fault_records", &clockFaultRecords)
  }
}
