import Measurement
import Observations
import StrictJSON

/// What `plan` finds: what a scenario would send, when, and to which shards; its JSON form is what `--json` prints.
package struct PlanDocument: Sendable, Equatable {
  /// The value of `schema`.
  package static let schemaName = "shardmeter.plan/1"

  /// What is sent in some time. Exact where the plan was counted, else expected.
  package struct Amount: Sendable, Equatable {
    /// Always exact.
    package var records: UInt64
    package var requests: Double
    /// Data and keys.
    package var bytes: Double
    /// Records/s in the busiest second.
    package var busiest: Double

    /// An amount.
    package init(records: UInt64, requests: Double, bytes: Double, busiest: Double) {
      (self.records, self.requests, self.bytes, self.busiest) = (records, requests, bytes, busiest)
    }
  }

  /// What a shard or a key gets over the phases of the scope.
  package struct Part: Sendable, Equatable {
    /// The expected share of the records, 0...1.
    package var share: Double
    /// Records counted one by one; `nil` where the plan was not counted.
    package var planned: UInt64?
    /// Expected records/s over the whole scope.
    package var records: Double
    /// Expected records/s in the busiest second.
    package var busiestRecords: Double
    /// Expected bytes/s, data and keys, in the busiest second.
    package var busiestBytes: Double

    /// A part.
    package init(share: Double, planned: UInt64?, records: Double, busiestRecords: Double, busiestBytes: Double) {
      (self.share, self.planned, self.records) = (share, planned, records)
      (self.busiestRecords, self.busiestBytes) = (busiestRecords, busiestBytes)
    }
  }

  /// One phase.
  package struct Phase: Sendable, Equatable {
    package var name: String
    package var start: Nanoseconds
    package var duration: Nanoseconds
    package var isMeasured: Bool
    /// `nil` for a closed loop, which takes what the target takes.
    package var amount: Amount?
    /// The index of the shard that gets most of its records, and its expected share of them.
    package var hottestShard: Int
    package var hottestShare: Double

    /// A phase.
    package init(
      name: String, start: Nanoseconds, duration: Nanoseconds, isMeasured: Bool, amount: Amount?, hottestShard: Int,
      hottestShare: Double
    ) {
      (self.name, self.start, self.duration, self.isMeasured) = (name, start, duration, isMeasured)
      (self.amount, self.hottestShard, self.hottestShare) = (amount, hottestShard, hottestShare)
    }
  }

  /// A shard with its load; its index is its place in the list.
  package struct Shard: Sendable, Equatable {
    package var id: String
    /// First and last position of its range in the hash-key space.
    package var hashStart: UInt128
    package var hashEnd: UInt128
    package var part: Part

    /// A shard.
    package init(id: String, hashStart: UInt128, hashEnd: UInt128, part: Part) {
      (self.id, self.hashStart, self.hashEnd, self.part) = (id, hashStart, hashEnd, part)
    }
  }

  /// A key with its load.
  package struct Key: Sendable, Equatable {
    /// Its name or its hash; `nil` where neither may be shown.
    package var name: String?
    /// The index of its shard; `nil` where explicit hash keys decide.
    package var shard: Int?
    package var part: Part

    /// A key.
    package init(name: String?, shard: Int?, part: Part) { (self.name, self.shard, self.part) = (name, shard, part) }
  }

  /// How records become requests.
  package struct Batch: Sendable, Equatable {
    /// At most so many in a request.
    package var records = 0
    /// At most so many of data and keys.
    package var bytes = 0
    /// How long a batch waits after its first record came due; `nil` waits until it is full.
    package var linger: Nanoseconds?

    /// An empty rule.
    package init() {}
  }

  /// Which phases the total, the shards and the keys are of.
  package enum Scope: String, Sendable {
    /// The measured phases that have a schedule.
    case measured
    /// All phases with a schedule, none of which is measured.
    case all
    /// Closed loops only: shares by time, without rates.
    case closed
  }

  package var scenario = ""
  package var seed: UInt64 = 0
  package var workloadHash = ""
  package var planHash = ""
  /// Whether requests, bytes and planned counts were counted record by record.
  package var isCounted = false
  /// Plans of more records are not counted.
  package var mostCounted: UInt64 = 0
  package var producers = 1
  package var batch = Batch()
  /// The name of the limits assumed.
  package var limitsProfile = ""
  /// What a shard takes.
  package var limits = AssumedLimits(recordsPerSecond: nil, bytesPerSecond: nil)
  package var phases: [Phase] = []
  package var scope = Scope.measured
  /// How long the phases of the scope last together.
  package var duration = Nanoseconds.zero
  /// Over the phases of the scope; `nil` where these are closed.
  package var total: Amount?
  /// By index; never empty.
  package var shards: [Shard] = []
  /// The heaviest by expected share, in order.
  package var keys: [Key] = []
  /// Different keys there are; `nil` where each record may have its own.
  package var keyCount: UInt64?
  /// How many keys were weighed one by one.
  package var weighedKeys = 0
  /// The expected share of the records whose keys were not.
  package var otherKeys = 0.0
  /// What the limits make of it; `nil` for a closed loop and for plans that are not counted.
  package var prediction: Prediction?
  /// The names of thresholds that a run judges only with `--read-back`.
  package var readBackThresholds: [String] = []
  package var warnings: [String] = []
  /// `nil` without prices, and where they do not hold.
  package var cost: Cost?
  /// `nil` unless it was asked for.
  package var parts: Parts?

  /// A plan of nothing; fill in what is known.
  package init() {}

  /// The index of the hottest shard by expected share, the first of several.
  package var hottestShard: Int {
    shards.indices.max { (shards[$0].part.share, $1) < (shards[$1].part.share, $0) } ?? 0
  }
  /// The expected load of the hottest shard over the mean of all.
  package var skew: Double { (shards.map(\.part.share).max() ?? 0) * Double(shards.count) }

  /// How much of a shard's limit a part uses in the busiest second; `nil` without limits and without rates.
  package func limitUse(_ part: Part) -> Double? {
    total == nil ? nil : limits.use(records: part.busiestRecords, bytes: part.busiestBytes)
  }

  /// A part's share of the records counted one by one.
  package func plannedShare(_ part: Part) -> Double? {
    guard let planned = part.planned, let total else { return nil }
    return Quotient.divide(Double(planned), by: Double(total.records))
  }
}

extension PlanDocument {
  /// One JSON object; a member that cannot be known is null.
  package var json: JSONValue {
    .object([
      ("schema", .string(Self.schemaName)), ("scenario", .string(scenario)),
      ("seed", .integer(Int64(clamping: seed))), ("workload_sha256", .string(workloadHash)),
      ("plan_sha256", .string(planHash)), ("counted", .bool(isCounted)), ("producers", .integer(Int64(producers))),
      (
        "batch",
        [
          "records": .integer(Int64(batch.records)), "bytes": .integer(Int64(batch.bytes)),
          "linger_ms": batch.linger.map { .number($0.milliseconds) } ?? .null,
        ]
      ),
      (
        "limits",
        [
          "profile": .string(limitsProfile),
          "records_per_s": limits.recordsPerSecond.map { .integer(Int64($0)) } ?? .null,
          "bytes_per_s": limits.bytesPerSecond.map { .integer(Int64($0)) } ?? .null,
        ]
      ),
      ("phases", .array(phases.indices.map(json(ofPhase:)))), ("scope", .string(scope.rawValue)),
      ("duration_s", .number(duration.seconds)),
      ("total", total.map { .object(members(of: $0, seconds: duration.seconds)) } ?? .null),
      ("hottest_shard", .integer(Int64(hottestShard))), ("skew", .number(skew)),
      ("shards", .array(shards.indices.map(json(ofShard:)))), ("keys", .array(keys.map(json(of:)))),
      ("key_count", keyCount.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("other_keys_share", .number(max(0, otherKeys))), ("not_judged", .array(readBackThresholds.map { .string($0) })),
      ("warnings", .array(warnings.map { .string($0) })), ("predicted", predictedTotal?.json ?? .null),
      ("cost_per_month", cost?.json ?? .null), ("parts", parts?.json ?? .null),
    ])
  }

  private func json(ofPhase index: Int) -> JSONValue {
    let phase = phases[index]
    var members: [(String, JSONValue)] = [
      ("name", .string(phase.name)), ("start_s", .number(phase.start.seconds)),
      ("duration_s", .number(phase.duration.seconds)), ("measured", .bool(phase.isMeasured)),
      ("closed_loop", .bool(phase.amount == nil)),
    ]
    if let amount = phase.amount { members += self.members(of: amount, seconds: phase.duration.seconds) }
    members += [
      ("hottest_shard", .integer(Int64(phase.hottestShard))), ("hottest_share", .number(phase.hottestShare)),
      ("predicted", prediction?.phase(index).json ?? .null),
    ]
    return .object(members)
  }

  private func members(of amount: Amount, seconds: Double) -> [(String, JSONValue)] {
    func quotient(_ value: Double, by divisor: Double) -> JSONValue {
      Quotient.divide(value, by: divisor).map { .number($0) } ?? .null
    }
    return [
      ("records", .integer(Int64(clamping: amount.records))),
      ("requests", .integer(Int64(clamping: amount.requests.rounded()))),
      ("bytes", .integer(Int64(clamping: amount.bytes.rounded()))),
      ("records_per_s", quotient(Double(amount.records), by: seconds)),
      ("requests_per_s", quotient(amount.requests, by: seconds)), ("bytes_per_s", quotient(amount.bytes, by: seconds)),
      ("busiest_records_per_s", .number(amount.busiest)),
      ("records_per_request", quotient(Double(amount.records), by: amount.requests)),
    ]
  }

  private func members(of part: Part, isOnOneShard: Bool = true) -> [(String, JSONValue)] {
    func rate(_ value: Double) -> JSONValue { total == nil ? .null : .number(value) }
    return [
      ("expected_share", .number(part.share)),
      ("planned_records", part.planned.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("planned_share", plannedShare(part).map { .number($0) } ?? .null),
      ("records_per_s", rate(part.records)), ("busiest_records_per_s", rate(part.busiestRecords)),
      ("busiest_bytes_per_s", rate(part.busiestBytes)),
      ("limit_use", (isOnOneShard ? limitUse(part) : nil).map { .number($0) } ?? .null),
    ]
  }

  private func json(ofShard index: Int) -> JSONValue {
    let shard = shards[index]
    return .object(
      [
        ("shard", .integer(Int64(index))), ("shard_id", .string(shard.id)),
        ("hash_start", .string("\(shard.hashStart)")), ("hash_end", .string("\(shard.hashEnd)")),
      ] + members(of: shard.part)
        + [
          ("predicted", predicted(shard: index)?.json ?? .null),
          (
            "predicted_phases",
            .array(prediction.map { $0.counts.map { $0[index].json } } ?? [])
          ),
        ])
  }

  private func json(of key: Key) -> JSONValue {
    .object(
      [
        ("key", key.name.map { .string($0) } ?? .null), ("shard", key.shard.map { .integer(Int64($0)) } ?? .null),
      ] + members(of: key.part, isOnOneShard: key.shard != nil))
  }
}
