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
