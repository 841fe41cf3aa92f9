import Kinesis
import Testing

@Suite struct ShardMapTests {
  static let counts = [1, 2, 3, 7, 50]

  @Test(arguments: [
    ("a", "16955237001963240173058271559858726497"),
    ("b", "195289424170611159128911017612795795343"),
    // 66ddcd97cfdeabb2f6fb8a999b4bc76f and 2a02eac39d716a70ecf37579185927b6
    ("é", "136732923097551493579404309126273812335"),
    ("😀", "55842721998748738903166261021950683062"),
  ])
  func hashKeysMatchProduction(_ key: String, _ decimal: String) {
    #expect(PartitionKeyHash.md5(of: key) == UInt128(decimal))
  }

  @Test func evenRangesAreThoseOfCreateStream() {
    let three = HashKeyRange.even(count: 3)
    #expect(three[0].end == UInt128("113427455640312821154458202477256070484"))
    #expect(three[1].start == UInt128("113427455640312821154458202477256070485"))
    #expect(three[2].start == UInt128("226854911280625642308916404954512140970"))
    #expect(three[2].end == .max)
    #expect(HashKeyRange.even(count: 2)[1].start == 1 << 127)
    #expect(HashKeyRange.even(count: 1) == [.all])
  }

  @Test(arguments: counts + [4, 10_000]) func rangesCoverTheSpaceOnce(_ count: Int) throws {
    let ranges = HashKeyRange.even(count: count)
    #expect(ranges.count == count)
    #expect(ranges.first?.start == 0)
    #expect(ranges.last?.end == .max)
    for (lower, upper) in zip(ranges, ranges.dropFirst()) {
      #expect(upper.start == lower.end + 1)
      // All but the last are equally long, and the remainder that the last takes is less than one each.
      #expect(upper.start - lower.start == ranges[0].end + 1)
    }
    if let last = ranges.last, count > 1 { #expect(last.end - last.start - ranges[0].end < UInt128(count)) }
    #expect(abs(ranges.map(\.share).reduce(0, +) - 1) < 1e-9)
  }

  @Test(arguments: counts + [4, 1000, 20_000]) func bothEndsOfEachRangeAreFound(_ count: Int) {
    let map = ShardMap(even: count)
    #expect(map.count == count)
    for (index, shard) in map.shards.enumerated() {
      #expect(map.index(of: shard.range.start) == index)
      #expect(map.index(of: shard.range.end) == index)
      #expect(shard.range.contains(shard.range.start) && shard.range.contains(shard.range.end))
      #expect(map.index(ofID: shard.id) == index)
    }
    #expect(map.index(ofID: Shard.id(number: count)) == nil)
    #expect(map.index(ofID: "") == nil)
  }

  @Test func theKeysOfTheDocumentationGoToTheirShards() {
    let map = ShardMap(even: 4)
    let shards = ["partitionKey1", "partitionKey2", "partitionKey3"].map { map.index(of: PartitionKeyHash.md5(of: $0)) }
    #expect(shards == [3, 0, 3])
    let three = ShardMap(even: 3)
    #expect(["a", "b", "e", "f"].map { three.index(of: PartitionKeyHash.md5(of: $0)) } == [0, 1, 2, 1])
  }

  @Test func unevenRangesAreSearchedToTheEnd() throws {
    // A thousand tiny shards at the top of the space share one cell of the table.
    var shards = [Shard(id: "wide", range: HashKeyRange(start: 0, end: .max - 1000))]
    for number in 0..<1000 {
      let key = UInt128.max - 999 + UInt128(number)
      shards.append(Shard(id: Shard.id(number: number), range: HashKeyRange(start: key, end: key)))
    }
    shards.shuffle()
    let map = try ShardMap(shards: shards)
    for (index, shard) in map.shards.enumerated() {
      #expect(map.index(of: shard.range.start) == index)
      #expect(map.index(of: shard.range.end) == index)
      #expect(map.index(ofID: shard.id) == index)
    }
    #expect(map.index(of: 0) == 0)
  }

  @Test func randomSplitsAreFoundAsByLinearSearch() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    for count in [1, 2, 3, 5, 33, 400] {
      // Some boundaries are close together, some far apart.
      var starts: Set<UInt128> = [0]
      while starts.count < count {
        starts.insert(UInt128.random(in: 1...(.max), using: &random) >> (8 * .random(in: 0...15)))
      }
      let sorted = starts.sorted()
      let shards = sorted.indices.map { index in
        Shard(
          id: "s\(index)",
          range: HashKeyRange(start: sorted[index], end: index + 1 < count ? sorted[index + 1] - 1 : .max))
      }
      let map = try ShardMap(shards: shards.shuffled(using: &random))
      for _ in 0..<300 {
        let hash = UInt128.random(in: 0...(.max), using: &random) >> (8 * .random(in: 0...15))
        let expected = shards.firstIndex { $0.range.contains(hash) }
        #expect(map.index(of: hash) == expected, "seed \(seed)")
      }
    }
  }

  @Test func listsThatAreNoMapAreRefused() {
    func shard(_ id: String, _ start: UInt128, _ end: UInt128) -> Shard {
      Shard(id: id, range: HashKeyRange(start: start, end: end))
    }
    func expect(_ shards: [Shard], _ failure: ShardMapFailure) {
      #expect(throws: failure) { try ShardMap(shards: shards) }
    }
    expect([], .noShards)
    expect([shard("a", 1, .max)], .gap(after: nil, before: "a"))
    expect([shard("a", 0, 9)], .gap(after: "a", before: nil))
    expect([shard("b", 11, .max), shard("a", 0, 9)], .gap(after: "a", before: "b"))
    expect([shard("b", 9, .max), shard("a", 0, 9)], .overlap("a", "b"))
    expect([shard("b", 0, .max), shard("a", 0, .max)], .overlap("b", "a"))
    expect([shard("a", 10, .max), shard("a", 0, 9)], .duplicateID("a"))
    #expect(ShardMapFailure.gap(after: "a", before: nil).description == "hash keys above a belong to no open shard")
  }

  /// Shard 1 of three is split in its middle, shard 0 stays.
  @Test func anUpdatedMapKeepsEveryIndex() throws {
    let first = ShardMap(even: 3)
    let old = first.shards[1].range
    let middle = old.start + (old.end - old.start) / 2
    let fresh = try ShardMap(shards: [
      first.shards[0], Shard(id: "low", range: HashKeyRange(start: old.start, end: middle)),
      Shard(id: "high", range: HashKeyRange(start: middle + 1, end: old.end)), first.shards[2],
    ])
    let map = first.updated(to: fresh)
    #expect(map.shards.map(\.id) == first.shards.map(\.id) + ["low", "high"] && map.count == 5)
    #expect(map.openIndices == [0, 3, 4, 2] && map.revision == 1 && map.unlisted.isEmpty)
    for (index, shard) in map.shards.enumerated() {
      #expect(map.index(ofID: shard.id) == index)
      if index != 1 {
        #expect(map.index(of: shard.range.start) == index && map.index(of: shard.range.end) == index)
      }
    }
    // Merged again: the parents' indices stay, the new shard follows on.
    let merged = map.updated(
      to: try ShardMap(shards: [first.shards[0], Shard(id: "whole", range: old), first.shards[2]]))
    #expect(merged.count == 6 && merged.openIndices == [0, 5, 2] && merged.index(of: old.start) == 5)
    #expect(merged.index(ofID: "low") == 3 && merged.index(ofID: "high") == 4)
    // And back to what there was at first.
    let back = merged.updated(to: first)
    #expect(back.openIndices == [0, 1, 2] && back.count == 6 && back.index(of: old.end) == 1)
  }

  @Test func namesAloneOwnNoHashKeyUntilTheyAreListed() throws {
    let first = ShardMap(even: 2)
    let map = first.adding(["new", first.shards[0].id, "other", "new"])
    #expect(map.shards.map(\.id) == first.shards.map(\.id) + ["new", "other"])
    #expect(map.unlisted == [2, 3] && map.openIndices == [0, 1] && map.revision == 0)
    #expect(map.index(ofID: "new") == 2 && map.index(of: 0) == 0 && map.index(of: .max) == 1)
    let listed = map.updated(to: try ShardMap(shards: [Shard(id: "other", range: .all)]))
    #expect(listed.unlisted == [2] && listed.openIndices == [3] && listed.index(of: 5) == 3)
    #expect(listed.shards[3].range == .all)
  }

  @Test(arguments: [
    (#"{"Records":[]}"#, []),
    (#"{"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000000"}]}"#, []),
    (#"{"Records":[{"SequenceNumber":"1","ShardId":"b"},{"ShardId":"a"},{"ShardId":"b"}],"X":[1]}"#, ["b", "a"]),
    (
      #"{"Records":[{"ErrorCode":"P","ErrorMessage":"Rate exceeded for shard shardId-000000000009 in stream s"}]}"#,
      ["shardId-000000000009"]
    ),
    (#"{"Records":[{"ErrorCode":"P","ErrorMessage":"no shard at all"},{"ShardId":"\u0062.c"}]}"#, ["b.c"]),
    (#"{"Records":[{"ShardId":"a b"},{"ShardId":""},{"ShardId":"<x>"},{"ShardId":"é"}]}"#, []),
    (#"{"Records":[{"ShardId":"ok"},{"ShardId":7}]}"#, ["ok"]), (#"{"Records":7}"#, []), ("", []), ("[", []),
  ])
  func shardsThatTheMapDoesNotKnowAreNamed(body: String, names: [String]) {
    let map = ShardMap(even: 2)
    let found = Array(body.utf8).withUnsafeBytes { PutRecordsResponseScanner.unknownShards(in: $0, map: map) }
    #expect(found == names, "\(body)")
    let long = #"{"Records":[{"ShardId":"\#(String(repeating: "x", count: 129))"}]}"#
    #expect(Array(long.utf8).withUnsafeBytes { PutRecordsResponseScanner.unknownShards(in: $0, map: map) }.isEmpty)
  }
}
