import Kinesis

/// The answer to PutRecords as read from an exact tree: the oracle of ``PutRecordsResponseScanner``.
struct SlowPutRecordsResponse: Equatable {
  struct Entry: Equatable {
    var code: RecordCode
    var shard: Int32
    /// The sequence number's characters; `nil` when there is none.
    var sequence: [UInt8]?
  }

  var entries: [Entry]

  /// Reads a body, or gives `nil` when it is no such answer.
  init?(_ body: [UInt8], map: ShardMap) {
    guard let tree = try? SlowJSON.parse(body), case .object(let members) = tree else { return nil }
    // A member of the wrong type makes the whole an error even when a later one of its name would count.
    var list: [SlowJSON]?
    for (name, value) in members where name == Array("Records".utf8) {
      switch value {
      case .null: list = nil
      case .array(let elements):
        for element in elements where !Self.isEntry(element) { return nil }
        list = elements
      default: return nil
      }
    }
    guard let list else { return nil }
    entries = list.map { Self.entry($0, map) }
  }

  private static let names = ["SequenceNumber", "ShardId", "ErrorCode", "ErrorMessage"]

  private static func isEntry(_ value: SlowJSON) -> Bool {
    guard case .object(let members) = value else { return false }
    return members.allSatisfy { name, value in
      guard names.contains(String(decoding: name, as: UTF8.self)) else { return true }
      if case .string = value { return true }
      return value == .null
    }
  }

  private static func entry(_ value: SlowJSON, _ map: ShardMap) -> Entry {
    var entry = Entry(code: .other, shard: RecordResult.notNamed)
    if let code = value["ErrorCode"]?.bytes {
      switch String(decoding: code, as: UTF8.self) {
      case "ProvisionedThroughputExceededException": entry.code = .throttled
      case "InternalFailure": entry.code = .internalFailure
      default: entry.code = .other
      }
    } else if let sequence = value["SequenceNumber"]?.bytes {
      entry.code = .accepted
      entry.sequence = sequence
    }
    if let id = value["ShardId"]?.bytes {
      entry.shard = index(of: String(decoding: id, as: UTF8.self), map)
    } else if let message = value["ErrorMessage"]?.bytes {
      let text = String(decoding: message, as: UTF8.self)
      if let match = text.firstMatch(of: #/shardId-[A-Za-z0-9_-]*/#) {
        entry.shard = index(of: String(match.output), map)
      }
    }
    return entry
  }

  private static func index(of id: String, _ map: ShardMap) -> Int32 {
    if id.isEmpty { return RecordResult.notNamed }
    return map.shards.firstIndex { Array($0.id.utf8) == Array(id.utf8) }.map(Int32.init) ?? RecordResult.notInMap
  }
}
