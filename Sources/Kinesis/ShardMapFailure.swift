/// Why a list of shards is no map of the whole hash key space.
package enum ShardMapFailure: Error, Hashable, CustomStringConvertible {
  /// The list is empty.
  case noShards

  /// Some hash keys belong to no shard: those between two shards, or before the first (`after` nil) or behind the last.
  case gap(after: String?, before: String?)

  /// Some hash keys belong to both shards.
  case overlap(String, String)

  /// Two shards have the same id.
  case duplicateID(String)

  package var description: String {
    switch self {
    case .noShards: "the stream has no open shard"
    case .gap(let lower?, let upper?): "hash keys between \(lower) and \(upper) belong to no open shard"
    case .gap(nil, let upper?): "hash keys below \(upper) belong to no open shard"
    case .gap(let lower, nil): "hash keys above \(lower ?? "0") belong to no open shard"
    case .overlap(let lower, let upper): "the hash key ranges of \(lower) and \(upper) overlap"
    case .duplicateID(let id): "\(id) is listed twice"
    }
  }
}
