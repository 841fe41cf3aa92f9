import StrictJSON

/// What `size` finds: how many shards a workload needs, why, and what would help; its JSON form is what `--json` prints and
/// what `summary.json` holds as `sizing`.
package struct SizingDocument: Sendable, Equatable {
  /// What one shard count would do, in the deciding draw of key names.
  package struct Row: Sendable, Equatable {
    package var shards = 0
    /// Throttled over attempts; over first tries where `isExact` is false and records are tried again.
    package var throttleRatio = 0.0
    /// The same without the records of the heaviest key.
    package var throttleWithoutTopRatio = 0.0
    /// Records never taken, over all: known where the engine ran, and where records are tried once.
    package var undeliveredRatio: Double?
    package var shardsThrottled = 0
    /// Of the nearer limit: over the judged time and all shards, and in the hottest shard's busiest minute.
    package var meanUse = 0.0
    package var peakUse = 0.0
    /// `records`, `bytes` or `reads`.
    package var binding = "records"
    /// Whether the engine ran the plan record by record, retries included.
    package var isExact = false
    /// Whether the goals are met.
    package var meets = false
    /// Whether one call of UpdateShardCount leads there from the present shards.
    package var isOneCall = false
    /// Whether it is the present number of shards.
    package var isNow = false

    /// A row of nothing.
    package init() {}
  }

  /// The answer over the draws of key names; `nil` where a draw has none.
  package struct Draws: Sendable, Equatable {
    package var count: Int
    package var median: Int?
    package var p90: Int?
    package var low: Int?
    package var high: Int?
    /// The number of the draw that decides and that rows, ranges and remedies are of, from 0; 0 has the names as they are.
    package var deciding: Int

    /// A distribution.
    package init(count: Int, median: Int?, p90: Int?, low: Int?, high: Int?, deciding: Int) {
      (self.count, self.median, self.p90, self.low, self.high) = (count, median, p90, low, high)
      self.deciding = deciding
    }
  }

  /// The key with most records.
  package struct HotKey: Sendable, Equatable {
    /// Its name or its hash; `nil` where neither may be shown.
    package var name: String?
    package var share: Double
    /// Records/s and bytes/s in its busiest minute.
    package var records: Double
    package var bytes: Double
    /// Of one shard's nearer limit.
    package var use: Double
    /// Whether it alone misses the goals on a shard of its own, so that no count meets them.
    package var isTooHot: Bool

    /// A key.
    package init(name: String?, share: Double, records: Double, bytes: Double, use: Double, isTooHot: Bool) {
      (self.name, self.share, self.records) = (name, share, records)
      (self.bytes, self.use, self.isTooHot) = (bytes, use, isTooHot)
    }
  }

  /// Something that might be done.
  package struct Help: Sendable, Equatable {
    /// One word for programs: `back-off`, `batches`, `aggregation`, `split`, `shard-count`, `spread-key`, `on-demand`.
    package var action: String
    /// One sentence.
    package var text: String
    /// How many shards there are then; `nil` where there is no such number.
    package var shards: Int?
    /// Throttled over attempts then; `nil` where no model tells.
    package var throttleRatio: Double?
    /// By the month, in the currency of the prices; `nil` without prices.
    package var cost: Double?
    /// Whether the goals are met then.
    package var helps: Bool
    /// In the syntax of the aws command line; nothing is carried out.
    package var commands: [String]

    /// A remedy.
    package init(
      _ action: String, _ text: String, shards: Int?, throttleRatio: Double?, cost: Double? = nil, helps: Bool,
      commands: [String] = []
    ) {
      (self.action, self.text, self.shards, self.throttleRatio) = (action, text, shards, throttleRatio)
      (self.cost, self.helps, self.commands) = (cost, helps, commands)
    }
  }

  /// A shard over its range of the hash-key space, in the deciding draw of key names.
  package struct ShardRange: Sendable, Equatable {
    package var index: Int
    /// First and last position.
    package var hashStart: UInt128
    package var hashEnd: UInt128
    /// Of the nearer limit, in its busiest minute.
    package var peakUse: Double
    /// Of its first tries; `nil` where that is not known.
    package var throttleRatio: Double?

    /// A shard.
    package init(index: Int, hashStart: UInt128, hashEnd: UInt128, peakUse: Double, throttleRatio: Double?) {
      (self.index, self.hashStart, self.hashEnd) = (index, hashStart, hashEnd)
      (self.peakUse, self.throttleRatio) = (peakUse, throttleRatio)
    }
  }

  /// The answer under another reading of the limits.
  package struct OtherLimits: Sendable, Equatable {
    package var name: String
    package var shards: Int?

    /// A reading and its answer.
    package init(name: String, shards: Int?) { (self.name, self.shards) = (name, shards) }
  }

  package var scenario = ""
  package var workloadHash = ""
  package var stream = ""
  package var limitsProfile = ""
  /// The present shards.
  package var shardsNow = 0
  /// The goals.
  package var throttleGoal = 0.0
  package var headroomGoal = 0.0
  package var maxShards = 0
  /// Whether records are tried again: rows that are not exact know first tries alone then.
  package var hasRetries = false
  /// Judged records/s, bytes/s and seconds.
  package var recordsPerSecond = 0.0
  package var bytesPerSecond = 0.0
  package var seconds = 0.0

  /// The smallest count that meets the goals, over the draws the p90; `nil` when there is none.
  package var recommended: Int?
  package var binding = "records"
  /// Why that many, or why none.
  package var reason = ""
  package var awsFormulaShards = 0
  /// `nil` for real keys, whose places are known.
  package var draws: Draws?
  package var help: [Help] = []
  /// The fewest shards with ranges cut to the load; `nil` for generated keys.
  package var optimal: Int?
  package var hotKey: HotKey?
  package var otherLimits: [OtherLimits] = []
  package var rows: [Row] = []
  /// Counts that were driven as well; empty unless that was asked for.
  package var measurements: [Measurement] = []
  /// The present shards and the recommended ones.
  package var rangesNow: [ShardRange] = []
  package var rangesRecommended: [ShardRange] = []
  /// The answer in full sentences, the decision first.
  package var sentences: [String] = []
  /// What was assumed.
  package var assumptions: [String] = []
  /// Names of thresholds that no model can judge.
  package var notJudged: [String] = []
  /// By the month: the present shards, the recommended ones, and on-demand; `nil` without prices.
  package var costNow: Double?
  package var costRecommended: Double?
  package var costOnDemand: Double?
  package var currency: String?
  package var warnings: [String] = []

  /// An answer to nothing; fill in what is found.
  package init() {}

  /// The row of a count.
  package func row(of shards: Int) -> Row? { rows.first { $0.shards == shards } }
}

extension SizingDocument {
  private typealias Members = [(String, JSONValue)]

  /// One JSON object; a member that cannot be known is null.
  package var json: JSONValue {
    let answer: Members = [
      ("recommended", recommendedJSON), ("aws_formula_shards", Self.count(awsFormulaShards)), ("draws", drawsJSON),
      ("help", .array(help.map(Self.json(of:)))),
      ("optimal", optimal.map { .object([("shards", Self.count($0))]) } ?? .null), ("hot_key", hotKeyJSON),
      ("sweep", .array(rows.map(Self.json(of:)))),
    ]
    let asked: Members = [
      ("scenario", .string(scenario)), ("workload_sha256", .string(workloadHash)), ("stream", .string(stream)),
      ("shards_now", Self.count(shardsNow)), ("limits", .string(limitsProfile)), ("goals", goalsJSON),
      ("records_per_s", .number(recordsPerSecond)), ("bytes_per_s", .number(bytesPerSecond)),
      ("duration_s", .number(seconds)), ("retries", .bool(hasRetries)),
    ]
    let more: Members = [
      ("other_limits", .object(otherLimits.map { ($0.name, Self.count($0.shards)) })), ("cost_per_month", costJSON),
      ("sentences", Self.texts(sentences)), ("assumptions", Self.texts(assumptions)),
      ("not_judged", Self.texts(notJudged)), ("warnings", Self.texts(warnings)),
      ("measured", measurements.isEmpty ? .null : .array(measurements.map(\.json))),
      ("shards_now_ranges", .array(rangesNow.map(Self.json(of:)))),
      ("recommended_ranges", .array(rangesRecommended.map(Self.json(of:)))),
    ]
    return .object(answer + asked + more)
  }

  private static func count(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
  private static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
  private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
  private static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  private var recommendedJSON: JSONValue {
    let members: Members = [
      ("shards", Self.count(recommended)), ("binding", .string(binding)), ("reason", .string(reason)),
    ]
    return .object(members)
  }

  private var drawsJSON: JSONValue {
    guard let draws else { return .null }
    let members: Members = [
      ("median", Self.count(draws.median)), ("p90", Self.count(draws.p90)), ("low", Self.count(draws.low)),
      ("high", Self.count(draws.high)), ("count", Self.count(draws.count)),
      ("deciding", Self.count(draws.deciding)),
    ]
    return .object(members)
  }

  private var hotKeyJSON: JSONValue {
    guard let hotKey else { return .null }
    let members: Members = [
      ("key", Self.text(hotKey.name)), ("share", .number(hotKey.share)), ("records_per_s", .number(hotKey.records)),
      ("bytes_per_s", .number(hotKey.bytes)), ("limit_use", .number(hotKey.use)), ("too_hot", .bool(hotKey.isTooHot)),
    ]
    return .object(members)
  }

  private var goalsJSON: JSONValue {
    let members: Members = [
      ("throttle_ratio", .number(throttleGoal)), ("headroom", .number(headroomGoal)),
      ("max_shards", Self.count(maxShards)),
    ]
    return .object(members)
  }

  private var costJSON: JSONValue {
    guard let currency else { return .null }
    let members: Members = [
      ("currency", .string(currency)), ("now", Self.number(costNow)), ("recommended", Self.number(costRecommended)),
      ("on_demand", Self.number(costOnDemand)),
    ]
    return .object(members)
  }

  private static func json(of row: Row) -> JSONValue {
    let members: Members = [
      ("shards", count(row.shards)), ("throttle_ratio", .number(row.throttleRatio)),
      ("throttle_without_top_key_ratio", .number(row.throttleWithoutTopRatio)),
      ("undelivered_ratio", number(row.undeliveredRatio)), ("shards_throttled", count(row.shardsThrottled)),
      ("mean_use_ratio", .number(row.meanUse)), ("peak_use_ratio", .number(row.peakUse)),
      ("binding", .string(row.binding)), ("exact", .bool(row.isExact)), ("meets_goals", .bool(row.meets)),
      ("one_call_from_now", .bool(row.isOneCall)), ("is_now", .bool(row.isNow)),
    ]
    return .object(members)
  }

  private static func json(of range: ShardRange) -> JSONValue {
    let members: Members = [
      ("shard", count(range.index)), ("hash_start", .string("\(range.hashStart)")),
      ("hash_end", .string("\(range.hashEnd)")), ("peak_use_ratio", .number(range.peakUse)),
      ("first_try_throttle_ratio", number(range.throttleRatio)),
    ]
    return .object(members)
  }

  private static func json(of help: Help) -> JSONValue {
    let members: Members = [
      ("action", .string(help.action)), ("shards", count(help.shards)), ("throttle_ratio", number(help.throttleRatio)),
      ("cost", number(help.cost)), ("helps", .bool(help.helps)), ("text", .string(help.text)),
      ("commands", texts(help.commands)),
    ]
    return .object(members)
  }
}
