import Kinesis

/// What ListShards tells of a shard, open or closed.
package struct ShardDescription: Sendable, Equatable {
  /// Its place in the stream's order of creation; the id and every sequence number carry it.
  package var number: Int
  package var range: HashKeyRange
  /// The shard it came out of by a split or a merge.
  package var parentID: String?
  /// The second shard merged into it.
  package var adjacentParentID: String?
  /// When it was created, in seconds since the epoch, as its sequence numbers say: a child's is a second after its
  /// parents were closed, as the service does.
  package var createdSeconds: Int64
  /// When it began to take records: the moment its parents were closed.
  package var openedMilliseconds: Int64
  /// When it was closed; nil while it is open.
  package var closedMilliseconds: Int64?

  /// The id: `shardId-` and twelve digits.
  package var id: String { Shard.id(number: number) }

  /// When it was created, in milliseconds since the epoch.
  package var createdMilliseconds: Int64 { createdSeconds * 1000 }

  /// The lowest number any of its records may have.
  package var startingSequenceNumber: SequenceNumber {
    SequenceNumber(shardCreated: createdSeconds, shard: UInt32(number), counter: 0, taken: createdSeconds)
  }

  /// The number that ends a closed shard; nil while it is open.
  package var endingSequenceNumber: SequenceNumber? {
    closedMilliseconds.map {
      SequenceNumber(
        shardCreated: createdSeconds, shard: UInt32(number), counter: SequenceNumber.endingCounter, taken: $0 / 1000)
    }
  }

  /// The number in a shard's id; the service takes any `x-N` and a bare `N`. Nil when there is none.
  package static func number(ofID text: String) -> Int? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let digits = parts.count > 1 && !parts[1].isEmpty ? parts[1] : Substring(text)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(digits), number <= Int(Int32.max)
    else { return nil }
    return number
  }

  /// The hash range as every operation writes it.
  package var rangeValue: ServiceValue {
    .members(("StartingHashKey", .text(String(range.start))), ("EndingHashKey", .text(String(range.end))))
  }

  /// The shard as ListShards writes it.
  package var value: ServiceValue {
    .members(
      ("ShardId", .text(id)), ("ParentShardId", parentID.map { .text($0) }),
      ("AdjacentParentShardId", adjacentParentID.map { .text($0) }),
      ("HashKeyRange", rangeValue),
      (
        "SequenceNumberRange",
        .members(
          ("StartingSequenceNumber", .text(startingSequenceNumber.digits.description)),
          ("EndingSequenceNumber", endingSequenceNumber.map { .text($0.digits.description) }))
      ))
  }
}

/// Which shards ListShards answers with (botocore `ShardFilter`).
package struct ShardFilter: Sendable, Equatable {
  /// The filter's type; the raw value is its name on the wire.
  package enum Kind: String, Sendable, CaseIterable {
    case afterShardID = "AFTER_SHARD_ID"
    case atTrimHorizon = "AT_TRIM_HORIZON"
    case fromTrimHorizon = "FROM_TRIM_HORIZON"
    case atLatest = "AT_LATEST"
    case atTimestamp = "AT_TIMESTAMP"
    case fromTimestamp = "FROM_TIMESTAMP"
  }

  package var kind: Kind
  /// The shard after which to begin, for `afterShardID`.
  package var shardID: String?
  /// The instant of the timestamp kinds.
  package var milliseconds: Int64?

  /// Whether a shard passes.
  ///
  /// - Parameters:
  ///   - shard: the shard.
  ///   - horizon: the oldest instant still readable, milliseconds since the epoch.
  package func admits(_ shard: ShardDescription, horizon: Int64) -> Bool {
    switch kind {
    case .afterShardID: shard.id > (shardID ?? "")
    case .atLatest: shard.closedMilliseconds == nil
    case .atTrimHorizon: Self.isOpen(shard, at: horizon, orBefore: true)
    case .fromTrimHorizon: (shard.closedMilliseconds ?? Int64.max) >= horizon
    case .atTimestamp: Self.isOpen(shard, at: milliseconds ?? 0, orBefore: false)
    case .fromTimestamp: (shard.closedMilliseconds ?? Int64.max) >= (milliseconds ?? 0)
    }
  }

  /// Whether the shard was open at that instant; before the stream existed, its first shards stand in.
  private static func isOpen(_ shard: ShardDescription, at instant: Int64, orBefore: Bool) -> Bool {
    let isOldEnough = shard.openedMilliseconds <= instant || (orBefore && shard.parentID == nil)
    return isOldEnough && (shard.closedMilliseconds ?? Int64.max) >= instant
  }
}

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
