import Measurement
import Observations
import StrictJSON

/// What a target saw of a producer: the object of a folder of the kind `observe`.
package struct SummaryObserve: SummarySection {
  /// The command that was observed; absent for a target that ran by itself.
  package var command: SummaryCommand?
  /// Whether records were told apart; else every try counts as a record.
  package var identifies = true
  /// Kinesis records.
  package var records = SummaryBook()
  /// Records of the user, where some came packed in the producer library's form.
  package var userRecords: SummaryBook?
  package var aggregates = 0
  package var brokenAggregates = 0
  package var requests = 0
  /// Requests that would have held the records of the same tenths of a second.
  package var requestsNeeded = 0
  /// From a refusal's answer to the record's next try.
  package var retryGapMs = SummaryLatency()
  /// The largest share of an episode's retries within 10 ms; absent without an episode of ten retries.
  package var retriesTogether: Double?
  package var retryEpisodes = 0
  /// The longest time between two requests that put records.
  package var longestPauseS = 0.0
  /// Requests by operation and encoding; refusals of requests by code; records of other streams; other services' targets.
  package var calls: [SummaryCount] = []
  package var refusals: [SummaryCount] = []
  package var elsewhere: [SummaryCount] = []
  package var otherServices: [SummaryCount] = []
  /// What came and was no HTTP request.
  package var garbage = 0
  package var withoutIdentifier = 0
  /// How many records must arrive, where somebody said so, and how many of those named did.
  package var expected: Int?
  package var expectedDelivered: Int?

  package init() {}

  /// The records that the verdict is about: the user's, where they are known.
  package var judged: SummaryBook { userRecords ?? records }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("command", &command)
    try visitor.member("identifies", &identifies)
    try visitor.member("records", &records)
    try visitor.member("user_records", &userRecords)
    try visitor.member("aggregates", &aggregates)
    try visitor.member("broken_aggregates", &brokenAggregates)
    try visitor.member("requests", &requests)
    try visitor.member("requests_needed", &requestsNeeded)
    try visitor.member("retry_gap_ms", &retryGapMs, decimals: 3)
    try visitor.member("retries_together", &retriesTogether, decimals: 4)
    try visitor.member("retry_episodes", &retryEpisodes)
    try visitor.member("longest_pause_s", &longestPauseS, decimals: 3)
    try visitor.member("calls", &calls)
    try visitor.member("refusals", &refusals)
    try visitor.member("elsewhere", &elsewhere)
    try visitor.member("other_services", &otherServices)
    try visitor.member("garbage", &garbage)
    try visitor.member("without_identifier", &withoutIdentifier)
    try visitor.member("expected", &expected)
    try visitor.member("expected_delivered", &expectedDelivered)
  }
}

/// Records by their content: `distinct` = `delivered` + `lost`, `accepted` = `delivered` + `duplicates`, `attempted` =
/// `accepted` + `throttled` + `fault` = `distinct` + `retries` + `repeats`.
package struct SummaryBook: SummarySection {
  package var counts = RecordBookCounts()

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    var lost = counts.lost
    try visitor.member("attempted", &counts.attempted)
    try visitor.member("accepted", &counts.accepted)
    try visitor.member("throttled", &counts.throttled)
    try visitor.member("fault", &counts.fault)
    try visitor.member("distinct", &counts.distinct)
    try visitor.member("delivered", &counts.delivered)
    try visitor.member("lost", &lost)
    try visitor.member("lost_after_one_try", &counts.lostAfterOneTry)
    try visitor.member("duplicates", &counts.duplicates)
    try visitor.member("retries", &counts.retries)
    try visitor.member("repeats", &counts.repeats)
    try visitor.member("reordered", &counts.reordered)
    try visitor.member("forgotten", &counts.forgotten)
    try visitor.member("unwatched", &counts.unwatched)
  }
}

/// The command that was observed, and how it ended.
package struct SummaryCommand: SummarySection {
  /// Why it ended.
  package enum Ending: String, Sendable, CaseIterable {
    /// By itself.
    case itself
    /// It was a service, and its time was over.
    case time
    /// It did not end in the time it had.
    case timeout
    /// A signal to the observer was passed on.
    case signal
  }

  /// Its words, secrets masked.
  package var line = ""
  /// Its exit code, or 128 and the signal that ended it.
  package var exitCode = 0
  package var endedBy = Ending.itself.rawValue
  package var seconds = 0.0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("line", &line)
    try visitor.member("exit_code", &exitCode)
    try visitor.member("ended_by", &endedBy)
    try visitor.member("seconds", &seconds, decimals: 3)
  }
}

/// How often something came.
package struct SummaryCount: SummarySection {
  package var name = ""
  package var count = 0

  package init() {}

  init(_ pair: (name: String, count: Int)) { (name, count) = pair }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("name", &name)
    try visitor.member("count", &count)
  }
}

extension SummaryBook {
  init(_ counts: RecordBookCounts) { self.counts = counts }
}

extension SummaryObserve {
  /// What was seen, as far as no command is concerned.
  init(_ seen: ProducerObservation) {
    self.init()
    identifies = seen.identifies
    records = SummaryBook(seen.records)
    userRecords = seen.userRecords.map { SummaryBook($0) }
    (aggregates, brokenAggregates) = (seen.aggregates, seen.brokenAggregates)
    (requests, requestsNeeded) = (seen.requests, seen.requestsNeeded)
    retryGapMs = SummaryLatency(seen.retryGaps)
    (retriesTogether, retryEpisodes) = (seen.retriesTogether, seen.retryEpisodes)
    longestPauseS = Double(seen.longestPause) / 1e9
    calls = seen.calls.map(SummaryCount.init)
    refusals = seen.refusals.map(SummaryCount.init)
    elsewhere = seen.elsewhere.map(SummaryCount.init)
    otherServices = seen.otherServices.map(SummaryCount.init)
    (garbage, withoutIdentifier) = (seen.garbage, seen.withoutIdentifier)
    expected = seen.expected
    expectedDelivered = seen.expected == nil ? nil : seen.expectedDelivered
  }
}
