import Measurement

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

    /// Whether the rule refuses single records, so that a try of one may be told from the next.
    package var refusesRecords: Bool { self == .internalFailure || self == .throttle }
  }

  /// When it strikes.
  package enum Occasion: Hashable, Sendable {
    /// Each time with this probability, in 0...1.
    case probability(Double)
    /// The n-th time, the 2n-th and so on.
    case every(Int)
    /// Always within a span of nanoseconds since the time line's origin.
    case during(start: Int64, length: Int64)
    /// The first `tries` tries of a share of the records, in 0...1, chosen by their content: what is refused depends
    /// neither on the order of the records nor on how they are batched, sent and timed.
    case share(Double, tries: Int)
  }

  /// Tries that a rule by share may refuse.
  package static let largestTries = 100

  /// What goes wrong.
  package var kind: Kind

  /// When it strikes.
  package var occasion: Occasion

  /// The only shard it strikes; `nil` for all.
  package var shard: ShardChoice?

  /// Nanoseconds a stalled answer is held back; `nil` for ever.
  package var delay: Int64?

  /// Makes a rule.
  package init(kind: Kind, occasion: Occasion, shard: ShardChoice? = nil, delay: Int64? = nil) {
    self.kind = kind
    self.occasion = occasion
    self.shard = shard
    self.delay = delay
  }
}

/// Which shard a rule is about.
package enum ShardChoice: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// By its place among the open shards in the order of their hash ranges, from 0.
  case index(Int)
  /// The one that most records were sent to until the rule begins, retries included; the first of equals.
  case hottest

  /// The word for ``hottest``.
  package static let hottestWord = "hottest"

  package init(integerLiteral index: Int) { self = .index(index) }

  /// The place that was given as a number.
  package var index: Int? {
    if case .index(let index) = self { index } else { nil }
  }
}

/// A change of a stream's shards at a time, as SplitShard, MergeShards and UpdateShardCount make them.
package struct ReshardRule: Hashable, Sendable {
  /// What changes.
  package enum Change: Hashable, Sendable {
    /// A shard in two halves.
    case split(ShardChoice)
    /// A shard with the next one by hash range; the last one with the one before it.
    case merge(ShardChoice)
    /// To so many even shards.
    case count(Int)
  }

  /// Nanoseconds since the time line's origin.
  package var at: Int64
  package var change: Change

  /// A change at a time.
  package init(at: Int64, _ change: Change) {
    (self.at, self.change) = (at, change)
  }

  /// The first change that a stream could not make, as far as its shards are known beforehand: changes that somebody else
  /// asks for come on top of these.
  ///
  /// - Parameter shards: the stream's shards at the start.
  /// - Returns: its place in the list, and what it should be, which completes "expected …".
  package static func problem(in rules: [ReshardRule], shards: Int) -> (index: Int, expected: String)? {
    var count = shards
    for (index, rule) in rules.enumerated().sorted(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }) {
      switch rule.change {
      case .split(let choice), .merge(let choice):
        if let place = choice.index, place >= count {
          return (index, "a shard from 0 to \(count - 1): the stream has \(count) then")
        }
        if case .merge = rule.change {
          guard count > 1 else { return (index, "no merge: the stream has one shard then") }
          count -= 1
        } else {
          count = count.addingSaturated(1)
        }
      case .count(let target):
        // As UpdateShardCount has it: at most twice and at least half (botocore, UpdateShardCount).
        guard target <= count.multipliedSaturated(by: 2), target.multipliedSaturated(by: 2) >= count else {
          return (
            index, "\((count + 1) / 2) to \(count.multipliedSaturated(by: 2)) shards: the stream has \(count) then"
          )
        }
        count = target
      }
    }
    return nil
  }
}

extension ReshardRule: CustomStringConvertible {
  /// As `--reshard` takes it.
  package var description: String {
    func shard(_ choice: ShardChoice) -> String { choice.index.map { "\($0)" } ?? ShardChoice.hottestWord }
    let time = UnitText.duration(at)
    return switch change {
    case .split(let choice): "split:at=\(time),shard=\(shard(choice))"
    case .merge(let choice): "merge:at=\(time),shard=\(shard(choice))"
    case .count(let count): "count:at=\(time),shards=\(count)"
    }
  }
}
