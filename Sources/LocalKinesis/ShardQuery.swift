/// What a page of ListShards continues with: its text is the content of a page token.
package struct ShardQuery: Sendable, Equatable {
  package var stream: String
  /// The shard after which the page begins.
  package var start: String?
  package var filter: ShardFilter?

  /// A query of these parts.
  package init(stream: String, start: String?, filter: ShardFilter?) {
    self.stream = stream
    self.start = start
    self.filter = filter
  }

  /// The query as text: one part a line, absent parts empty. No part can hold a line break: names are checked first.
  package var text: String {
    [
      stream, start ?? "", filter?.kind.rawValue ?? "", filter?.shardID ?? "",
      filter?.milliseconds.map { String($0) } ?? "",
    ].joined(separator: "\n")
  }

  /// Reads `text` back; nil when it is none.
  package init?(_ text: String) {
    let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5 else { return nil }
    stream = parts[0]
    start = parts[1].isEmpty ? nil : parts[1]
    guard !parts[2].isEmpty else { return }
    guard let kind = ShardFilter.Kind(rawValue: parts[2]) else { return nil }
    filter = ShardFilter(kind: kind, shardID: parts[3].isEmpty ? nil : parts[3], milliseconds: Int64(parts[4]))
  }
}
