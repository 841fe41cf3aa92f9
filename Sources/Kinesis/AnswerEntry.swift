/// One entry of a PutRecords answer while it is read: where its four members stand.
struct AnswerEntry {
  var sequence: JSONCursor.Text?
  var shard: JSONCursor.Text?
  var code: JSONCursor.Text?
  var message: JSONCursor.Text?

  /// Reads an entry whose brace is consumed, and returns where a member of the wrong type stands, if anywhere.
  @inline(__always)
  mutating func read(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) -> Int? {
    if try cursor.peek() == 0x7D {
      cursor.index += 1
      return nil
    }
    while true {
      let member = try Member(&cursor)
      if member == .unknown {
        try cursor.skipValue()
      } else {
        let text: JSONCursor.Text?
        switch try cursor.peek() {
        case 0x22:
          cursor.index += 1
          text = try cursor.text()
        case 0x6E:
          try cursor.skipLiteral("null")
          text = nil
        default: return cursor.index
        }
        switch member {
        case .sequence: sequence = text
        case .shard: shard = text
        case .code: code = text
        default: message = text
        }
      }
      if try cursor.peek() != 0x2C { break }
      cursor.index += 1
    }
    try cursor.expect(0x7D)
    return nil
  }

  /// What the entry says, in terms of the shard map.
  @inline(__always)
  func result(_ cursor: JSONCursor, _ map: ShardMap) -> RecordResult {
    var result = RecordResult()
    if let code {
      if cursor.equals(code, "ProvisionedThroughputExceededException") {
        result.code = .throttled
      } else {
        result.code = cursor.equals(code, "InternalFailure") ? .internalFailure : .other
        if result.code == .other, code.count <= UInt16.max {
          result.sequenceOffset = UInt32(truncatingIfNeeded: code.start)
          result.sequenceLength = UInt16(truncatingIfNeeded: code.count)
        }
      }
    } else if let sequence {
      result.code = .accepted
      if !sequence.hasEscapes, sequence.count <= UInt16.max {
        result.sequenceOffset = UInt32(truncatingIfNeeded: sequence.start)
        result.sequenceLength = UInt16(truncatingIfNeeded: sequence.count)
      }
    }
    if let shard {
      result.shard = Self.index(of: shard, cursor, map)
    } else if let message {
      result.shard = Self.index(namedIn: message, cursor, map)
    }
    return result
  }

  @inline(__always)
  private static func index(of text: JSONCursor.Text, _ cursor: JSONCursor, _ map: ShardMap) -> Int32 {
    if text.hasEscapes { return unescaped(text, cursor) { index(ofID: $0, map) } }
    return index(ofID: UnsafeRawBufferPointer(start: cursor.base + text.start, count: text.count), map)
  }

  @inline(__always)
  static func index(ofID id: UnsafeRawBufferPointer, _ map: ShardMap) -> Int32 {
    if id.isEmpty { return RecordResult.notNamed }
    return map.index(ofID: id).map(Int32.init(truncatingIfNeeded:)) ?? RecordResult.notInMap
  }

  private static func index(namedIn text: JSONCursor.Text, _ cursor: JSONCursor, _ map: ShardMap) -> Int32 {
    if text.hasEscapes { return unescaped(text, cursor) { index(namedIn: $0, map) } }
    return index(namedIn: UnsafeRawBufferPointer(start: cursor.base + text.start, count: text.count), map)
  }

  /// Finds the first `shardId-` and takes the id to end before the first character that no id has.
  private static func index(namedIn message: UnsafeRawBufferPointer, _ map: ShardMap) -> Int32 {
    var start = 0
    while true {
      guard start + 8 <= message.count else { return RecordResult.notNamed }
      let word = message.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      if word.littleEndian == 0x2D64_4964_7261_6873 { break }  // shardId-
      start += 1
    }
    var end = start + 8
    while end < message.count, isIDCharacter(message[end]) { end += 1 }
    return index(ofID: UnsafeRawBufferPointer(rebasing: message[start..<end]), map)
  }

  static func isIDCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }

  private static func unescaped(
    _ text: JSONCursor.Text, _ cursor: JSONCursor, _ body: (UnsafeRawBufferPointer) -> Int32
  ) -> Int32 {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(text.count, 1)) { memory in
      guard let start = memory.baseAddress else { return RecordResult.notNamed }
      var unescaper = JSONUnescaper(base: cursor.base, text: text)
      return body(UnsafeRawBufferPointer(start: start, count: unescaper.write(to: start)))
    }
  }

  /// A member's name.
  private enum Member {
    case sequence
    case shard
    case code
    case message
    case unknown

    /// Consumes a name and its colon. The usual spellings are recognised by whole words, closing quote included.
    @inline(__always)
    init(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
      try cursor.expect(0x22)
      let start = cursor.index
      if start + 16 <= cursor.end {
        let word = cursor.word(at: start)
        if word == 0x2264_4964_7261_6853 {  // ShardId"
          cursor.index = start + 8
          self = .shard
        } else if word == 0x6563_6E65_7571_6553, cursor.word(at: start + 7) == 0x2272_6562_6D75_4E65 {
          cursor.index = start + 15  // Sequence, eNumber"
          self = .sequence
        } else if word == 0x646F_4372_6F72_7245, cursor.word(at: start + 2) == 0x2265_646F_4372_6F72 {
          cursor.index = start + 10  // ErrorCod, rorCode"
          self = .code
        } else if word == 0x7365_4D72_6F72_7245, cursor.word(at: start + 5) == 0x2265_6761_7373_654D {
          cursor.index = start + 13  // ErrorMes, Message"
          self = .message
        } else {
          self = try Self.general(&cursor)
        }
      } else {
        self = try Self.general(&cursor)
      }
      try cursor.expect(0x3A)
    }

    private static func general(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) -> Member {
      let name = try cursor.text()
      if cursor.equals(name, "SequenceNumber") { return .sequence }
      if cursor.equals(name, "ShardId") { return .shard }
      if cursor.equals(name, "ErrorCode") { return .code }
      if cursor.equals(name, "ErrorMessage") { return .message }
      return .unknown
    }
  }
}
