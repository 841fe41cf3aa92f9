import Measurement

/// One kind of record of a phase: how large, which key, what bytes, and how often among all records.
package struct RecordKind: Hashable, Sendable {
  /// The share of the phase's records, 0...1; the shares of a phase sum to 1.
  package let share: Double
  /// Data bytes before base64; of a trace only the mean, since each of its records has its own.
  package let size: SizeDistribution
  /// Partition keys.
  package let key: KeyRule
  /// The bytes of the data.
  package let payload: PayloadRule
  /// Places records by hash key, when there is one.
  package let explicitHashKey: ExplicitHashKeyRule?
}

/// How generated keys are named: the prefix, then the key's number, filled with zeros to the length.
package struct KeyNaming: Hashable, Sendable {
  /// What every key begins with.
  package let prefix: String
  /// UTF-16 units of a whole key, at least the prefix and one digit.
  package let length: Int

  /// Digits of a key's number.
  package var digits: Int { length - prefix.utf16.count }
}

/// `records.key`.
package indirect enum KeyRule: Hashable, Sendable {
  /// One key for all records.
  case constant(String)
  /// Generated keys, numbered by rank.
  case generated(KeyDistribution, KeyNaming)
  /// Generated keys, a share of the records going to those that hash to some shards.
  case shard(shards: [Int], share: Double, cardinality: UInt64, KeyNaming)
  /// Named keys with their shares; `rest` takes what these leave.
  case weighted([Weight], rest: KeyRule?)
  /// Each record's own, as recorded.
  case trace(TraceWindow)

  /// A named key and its share of the records.
  package struct Weight: Hashable, Sendable {
    /// The key.
    package let key: String
    /// 0...1.
    package let share: Double
  }

  /// Whether a record's key follows from its number alone, whenever it comes due.
  package var isTimeless: Bool {
    switch self {
    case .generated(let distribution, _): distribution.period == nil
    case .weighted(_, let rest): rest?.isTimeless != false
    case .constant, .shard, .trace: true
    }
  }

  /// How many different generated keys there are (`nil`: one for every record) and how they are named; `nil` when all
  /// keys are named.
  package var generatedKeys: (count: UInt64?, naming: KeyNaming)? {
    switch self {
    case .constant, .trace: nil
    case .generated(let distribution, let naming): (distribution.cardinality, naming)
    case .shard(_, _, let count, let naming): (count, naming)
    case .weighted(_, let rest): rest?.generatedKeys
    }
  }

  /// The keys written out in the scenario.
  package var namedKeys: [String] {
    switch self {
    case .constant(let key): [key]
    case .weighted(let values, let rest): values.map(\.key) + (rest?.namedKeys ?? [])
    case .generated, .shard, .trace: []
    }
  }
}

/// `records.payload`.
package enum PayloadRule: Hashable, Sendable {
  /// Random bytes, which do not compress.
  case random
  /// Printable text, a share of it one repeated letter.
  case text(compressibility: Double)
  /// One JSON object, filled to the size.
  case json
  /// Zero bytes.
  case zeros
  /// The contents of files, each equally often.
  case files(FilePayloads)
}

/// `records.explicitHashKey`.
package enum ExplicitHashKeyRule: Hashable, Sendable {
  /// Evenly over the whole hash-key space.
  case uniform
  /// Some hash keys, each equally often.
  case values([UInt128])
}
