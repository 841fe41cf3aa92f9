/// The value of a metric a threshold is held against, and where it was found.
package struct Observed: Sendable {
  package var value: Double
  package var samples: Int
  /// The shard it belongs to, where shards were judged one by one.
  package var shard: Int?
  /// The first second of its window, where windows were judged.
  package var second: Int?
}
