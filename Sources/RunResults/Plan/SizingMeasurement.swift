import Measurement
import StrictJSON

extension SizingDocument {
  /// A count that was driven, beside what the model says of the same records with the names that they have.
  package struct Measurement: Sendable, Equatable {
    /// One shard of it.
    package struct Shard: Sendable, Equatable {
      package var shard: Int
      /// Tries that were made, and those that the model makes.
      package var attempted: Int
      package var modelAttempted: Int
      /// Throttled over tries; `nil` without any.
      package var modelRatio: Double?
      package var measuredRatio: Double?

      /// A shard.
      package init(
        shard: Int, attempted: Int, modelAttempted: Int, modelRatio: Double?, measuredRatio: Double?
      ) {
        (self.shard, self.attempted, self.modelAttempted) = (shard, attempted, modelAttempted)
        (self.modelRatio, self.measuredRatio) = (modelRatio, measuredRatio)
      }

      /// Measured minus model; without a try nothing was throttled.
      package var difference: Double { (measuredRatio ?? 0) - (modelRatio ?? 0) }
    }

    /// More than this is called out: one percentage point.
    package static let most = 0.01

    package var shards = 0
    /// `embedded`, or an address.
    package var target = ""
    package var modelRatio = 0.0
    package var measuredRatio: Double?
    package var rows: [Shard] = []
    /// What is known to set the two apart, each a clause.
    package var causes: [String] = []

    /// Nothing measured.
    package init() {}

    /// The shards that differ by more than a point, the furthest first.
    package var apart: [Shard] {
      rows.filter { abs($0.difference) > Self.most + 1e-12 }.sorted {
        (abs($0.difference), $1.shard) > (abs($1.difference), $0.shard)
      }
    }

    /// Whether every shard is within a point.
    package var agrees: Bool { apart.isEmpty }

    var json: JSONValue {
      func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
      let shardRows = rows.map { row -> JSONValue in
        let members: [(String, JSONValue)] = [
          ("shard", .integer(Int64(row.shard))), ("attempted", .integer(Int64(row.attempted))),
          ("model_attempted", .integer(Int64(row.modelAttempted))), ("model_throttle_ratio", number(row.modelRatio)),
          ("throttle_ratio", number(row.measuredRatio)), ("difference", .number(row.difference)),
        ]
        return .object(members)
      }
      let members: [(String, JSONValue)] = [
        ("shards", .integer(Int64(shards))), ("target", .string(target)), ("agrees", .bool(agrees)),
        ("model_throttle_ratio", .number(modelRatio)), ("throttle_ratio", number(measuredRatio)),
        ("causes", .array(causes.map { .string($0) })), ("by_shard", .array(shardRows)),
      ]
      return .object(members)
    }
  }

  /// What was measured of a count.
  package func measurement(of shards: Int) -> Measurement? { measurements.first { $0.shards == shards } }
}
