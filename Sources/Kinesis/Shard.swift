/// One open shard as the service names it: its id and the hash keys it owns.
package struct Shard: Sendable, Hashable {
  /// The identifier the service uses, usually `shardId-` and twelve digits.
  package let id: String

  /// The hash keys whose records this shard takes.
  package let range: HashKeyRange

  /// Makes a shard.
  package init(id: String, range: HashKeyRange) {
    self.id = id
    self.range = range
  }

  /// The identifier AWS gives to the shard with this number: `shardId-000000000007`.
  package static func id(number: Int) -> String {
    let digits = String(number)
    return "shardId-" + String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
  }
}
