import StrictJSON

/// Records by attempt and by end. Attempts: `attempted` = `accepted` + `throttled` + `fault` + `unknown`. Ends: `planned` = `accepted`
/// + `gave_up` + `expired` + `skipped` + `unfinished`.
package struct SummaryRecords: SummarySection {
  /// Came due.
  package var planned = 0
  /// Demand: records sent for the first time.
  package var firstTry = 0
  /// On the wire, retries included.
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  /// Refused for another reason than throttling, alone or with their whole request.
  package var fault = 0
  /// Tries without an answer, which may have been accepted.
  package var unknown = 0
  /// Failed for good: no retry left, or none configured.
  package var gaveUp = 0
  /// Older than the retry policy's life of a record.
  package var expired = 0
  /// Dropped by the late policy before the first try.
  package var skipped = 0
  /// Without an end when the drain was over.
  package var unfinished = 0
  /// Kept from coming due by an interrupt or an abort; outside `planned`.
  package var notReached = 0
  /// Sent again after a try whose fate is unknown.
  package var maybeDuplicated = 0
  /// Data and partition keys.
  package var attemptedBytes = 0
  package var acceptedBytes = 0

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
  }
}
