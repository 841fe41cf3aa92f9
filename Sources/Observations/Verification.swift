import Measurement

/// The whole of `verification.json`: what reading a run's stream back found, shard by shard, with examples.
package struct Verification: Sendable, Hashable {
  package var runID = ""
  /// When the reading ended, in UTC.
  package var time = ""
  package var stream = ""
  /// `show`, `hash` or `hide`: how keys are called below.
  package var keys = ""
  package var records = VerificationCounts()
  /// In the order of their ids as listed.
  package var shards: [VerificationShard] = []
  /// Some of each kind, the first met.
  package var examples: [VerificationExample] = []
  package var reading = VerificationReading()

  /// Nothing found.
  package init() {}
}

/// What reading the stream back found of a run's records, warm-up included. Records, unless said otherwise.
package struct VerificationCounts: Counted, Sendable, Hashable {
  /// Whether every shard was read to its end, every accepted record was found, and none was altered.
  package var passed = false
  /// Whether every shard was read to its end; else what was not found may still be there.
  package var complete = false
  /// Why it is not complete.
  package var problem: String?
  /// That the run reports as accepted; `found` and `missing` sum to it.
  package var accepted = 0
  package var found = 0
  package var missing = 0
  /// Of the found, those that are there more than once.
  package var duplicated = 0
  /// Of the duplicated, those without a try of unknown outcome: no retry of the run explains the copy.
  package var duplicatedUnexplained = 0
  /// First sightings that stand behind a later record of their key (RFC 4737, section 3.3); absent where order cannot be
  /// judged.
  package var reordered: Int?
  /// First sightings of which the order was judged.
  package var orderJudged = 0
  /// Not accepted, with a try that got no usable answer.
  package var unknown = 0
  /// Of the unknown, those that are there.
  package var unknownFound = 0
  /// Refused or never sent, and yet there.
  package var refusedFound = 0
  /// Sightings whose key or data are not what was sent under that identity.
  package var altered = 0
  /// Sightings with an identity of this plan that arrived before the run began: an earlier run's.
  package var earlier = 0
  /// Sightings without an identity of this plan.
  package var foreign = 0
  /// Sightings in all.
  package var read = 0
  /// Shards read, closed ones included.
  package var shards = 0

  /// Nothing found.
  package init() {}

  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .found: found
    case .duplicated: duplicated
    case .orderJudged: orderJudged
    case .reordered: reordered
    default: nil
    }
  }
}

/// What was read of one shard. Records.
package struct VerificationShard: Sendable, Hashable {
  package var id = ""
  /// The shards it was split or merged from, which were read before it.
  package var parents: [String] = []
  /// Sightings in all.
  package var read = 0
  /// First sightings of this run's records.
  package var found = 0
  /// Further sightings of records that were seen before, here or elsewhere.
  package var copies = 0
  package var reordered = 0
  package var altered = 0
  package var foreign = 0

  /// Nothing found.
  package init() {}
}

/// One record that is not as it should be.
package struct VerificationExample: Sendable, Hashable {
  /// What is wrong with a record.
  package enum Kind: String, Sendable, CaseIterable {
    case missing, duplicated, reordered, altered
    case refusedFound = "refused-found"
  }

  /// A kind's name.
  package var kind = ""
  /// The record's phase.
  package var phase = ""
  /// Its number within the phase, from 0.
  package var record = 0
  /// Its partition key, masked as `keys` says.
  package var key: String?
  /// Where it was seen.
  package var shard: String?
  /// The sequence number it was seen under.
  package var sequenceNumber: String?

  /// Nothing found.
  package init() {}
}

/// How the reading went.
package struct VerificationReading: Sendable, Hashable {
  /// Calls of GetRecords that were answered.
  package var calls = 0
  /// Calls refused for the shard's read limits, and made again.
  package var throttledCalls = 0
  /// Calls that failed otherwise, and were made again.
  package var failedCalls = 0
  /// Bytes of the answers.
  package var bytes = 0
  package var seconds = 0.0

  /// Nothing found.
  package init() {}
}
