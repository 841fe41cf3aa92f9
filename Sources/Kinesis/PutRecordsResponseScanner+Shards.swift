extension PutRecordsResponseScanner {
  /// The names of the shards in an answer that a map does not know, each once, in the order of their entries.
  ///
  /// A way of its own for the rare answer that has any; nothing but names the API allows (`[a-zA-Z0-9_.-]{1,128}`, API page
  /// Shard) is taken for one.
  ///
  /// - Parameter body: an answer that ``scan(_:map:into:)`` has read.
  package static func unknownShards(in body: UnsafeRawBufferPointer, map: ShardMap) -> [String] {
    guard var cursor = JSONCursor(body) else { return [] }
    var names: [String] = []
    try? cursor.forEachMember { cursor, name in
      guard cursor.equals(name, "Records"), try cursor.peek() == 0x5B else { return try cursor.skipValue() }
      cursor.index += 1
      while try cursor.peek() == 0x7B {
        cursor.index += 1
        var entry = AnswerEntry()
        guard try entry.read(&cursor) == nil else { return }
        if let name = entry.shardName(cursor), isShardName(name), map.index(ofID: name) == nil, !names.contains(name) {
          names.append(name)
        }
        if try cursor.peek() == 0x2C { cursor.index += 1 }
      }
      try cursor.expect(0x5D)
    }
    return names
  }

  private static func isShardName(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { AnswerEntry.isIDCharacter($0) || $0 == UInt8(ascii: ".") }
  }
}

extension AnswerEntry {
  /// The shard an entry names, as `ShardId` or in its message.
  func shardName(_ cursor: JSONCursor) -> String? {
    if let shard { return cursor.string(shard) }
    guard let message else { return nil }
    let text = cursor.string(message)
    guard let start = text.firstRange(of: "shardId-")?.lowerBound else { return nil }
    return String(decoding: text[start...].utf8.prefix(while: Self.isIDCharacter), as: UTF8.self)
  }
}
