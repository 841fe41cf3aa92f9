/// Something that goes wrong on purpose, and when.
package struct FaultRule: Hashable, Sendable {
  /// What goes wrong.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The record fails with `InternalFailure`.
    case internalFailure = "internal-failure"
    /// The record fails with `ProvisionedThroughputExceededException` whatever the buckets hold.
    case throttle
    /// The request fails with 400 `ProvisionedThroughputExceededException`.
    case status400 = "400"
    /// The request fails with 500 `InternalFailure`.
    case status500 = "500"
    /// The request fails with 503.
    case status503 = "503"
    /// The answer is held back for the rule's delay, or for ever.
    case stall
    /// The connection is reset before the answer.
    case reset
    /// The connection is reset within the answer.
    case resetWithin = "reset-within"
    /// The answer's body ends early, its head notwithstanding.
    case truncate
    /// The answer has an entry too few.
    case wrongCount = "wrong-count"
    /// A record gets the sequence number of the one before it.
    case duplicateSequence = "duplicate-sequence"

    /// Whether the rule strikes single records rather than requests.
    package var strikesRecords: Bool {
      switch self {
      case .internalFailure, .throttle, .duplicateSequence: true
      default: false
      }
    }
  }

  /// When it strikes.
  package enum Occasion: Hashable, Sendable {
    /// Each time with this probability, in 0...1.
    case probability(Double)
    /// The n-th time, the 2n-th and so on.
    case every(Int)
    /// Always within a span of nanoseconds since the endpoint's start.
    case during(start: Int64, length: Int64)
  }

  /// What goes wrong.
  package var kind: Kind

  /// When it strikes.
  package var occasion: Occasion

  /// The index of the only shard it strikes; `nil` for all.
  package var shard: Int?

  /// Nanoseconds a stalled answer is held back; `nil` for ever.
  package var delay: Int64?

  /// Makes a rule.
  package init(kind: Kind, occasion: Occasion, shard: Int? = nil, delay: Int64? = nil) {
    self.kind = kind
    self.occasion = occasion
    self.shard = shard
    self.delay = delay
  }
}
