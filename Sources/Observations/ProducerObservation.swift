import Measurement

/// Records by their content, as the side that answers counts them. distinct = delivered + lost, accepted = delivered +
/// duplicates, attempted = accepted + throttled + fault = distinct + retries + repeats.
package struct RecordBookCounts: Sendable, Hashable {
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  package var fault = 0
  /// Different records.
  package var distinct = 0
  /// Of them, those accepted at least once.
  package var delivered = 0
  /// Acceptances beyond a record's first.
  package var duplicates = 0
  /// Tries of a record that was refused each time before.
  package var retries = 0
  /// Tries of a record that had been accepted.
  package var repeats = 0
  /// Records that were accepted behind a record of their key that was first seen later.
  package var reordered = 0
  /// Of those never accepted, the ones that were tried once.
  package var lostAfterOneTry = 0
  /// Records that were forgotten to bound memory: whoever comes again then counts as new, so that the other counts are
  /// bounds.
  package var forgotten = 0
  /// Refused records that were not watched one by one, so that neither gap nor order is known of them.
  package var unwatched = 0

  /// Nothing.
  package init() {}

  /// Different records that were never accepted.
  package var lost: Int { distinct - delivered }

  /// Whether the counts add up.
  package var isBalanced: Bool {
    accepted == delivered + duplicates && attempted == accepted + throttled + fault
      && attempted == distinct + retries + repeats
  }
}

/// What a target saw of a producer as a whole, beside the traffic of each second.
package struct ProducerObservation: Counted, Sendable {
  /// Whether records were told apart; else every try counts as a record.
  package var identifies = true
  /// Kinesis records.
  package var records = RecordBookCounts()
  /// Records of the user, where some came packed in the producer library's form; `nil` where none did.
  package var userRecords: RecordBookCounts?
  /// Kinesis records that held several records of the user, and those that only looked so.
  package var aggregates = 0
  package var brokenAggregates = 0
  /// Requests that put records and were judged record by record.
  package var requests = 0
  /// Requests that would have held the records of the same tenths of a second.
  package var requestsNeeded = 0
  /// Connections that carried a request.
  package var connections = 0
  /// From a refusal's answer to the record's next try, nanoseconds.
  package var retryGaps = LatencySet.empty
  /// The largest share of an episode's retries within 10 ms; `nil` without an episode of ten retries.
  package var retriesTogether: Double?
  package var retryEpisodes = 0
  /// The longest time between two requests that put records, nanoseconds.
  package var longestPause: Int64 = 0
  /// Requests by operation and encoding, as `PutRecords JSON`, sorted.
  package var calls: [(name: String, count: Int)] = []
  /// Refusals of requests before any record was judged, by code, sorted.
  package var refusals: [(name: String, count: Int)] = []
  /// Records sent to other streams than the one observed, by stream, sorted.
  package var elsewhere: [(name: String, count: Int)] = []
  /// Requests that named another service, by its target, sorted.
  package var otherServices: [(name: String, count: Int)] = []
  /// What came and was no HTTP.
  package var garbage = 0
  /// Records without the field that was to identify them; their content did.
  package var withoutIdentifier = 0
  /// Of the records that were expected by name, how many there are, and how many of them arrived; `nil` where none were.
  package var expected: Int?
  package var expectedDelivered = 0

  /// Nothing seen.
  package init() {}

  /// The records that the verdict is about: the user's, where they are known.
  package var judged: RecordBookCounts { userRecords ?? records }

  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .planned, .firstTries: judged.distinct
    case .retries: judged.attempted - judged.distinct
    case .lost: judged.lost
    case .found: judged.accepted
    case .duplicated: judged.duplicates
    case .orderJudged: judged.delivered
    case .reordered: judged.reordered
    case .attempted: judged.attempted
    case .accepted: judged.accepted
    case .throttled: judged.throttled
    case .fault: judged.fault
    case .requests: requests
    case .requestsNeeded: requestsNeeded
    case .unknown, .attemptedBytes, .acceptedBytes, .requestsOnReusedConnections: nil
    }
  }
}
