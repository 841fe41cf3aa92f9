/// A member of a record in a PutRecords request.
enum RecordMember {
  case data
  case key
  case explicitHashKey
  case unknown

  /// Consumes a member's name and its colon. The usual spellings are recognised by whole words, closing quote included.
  @inline(__always)
  init(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    try cursor.expect(0x22)
    let start = cursor.index
    if start + 16 <= cursor.end {
      let word = cursor.word(at: start)
      if word & 0xFF_FFFF_FFFF == 0x22_6174_6144 {  // Data"
        cursor.index = start + 5
        self = .data
      } else if word == 0x6F69_7469_7472_6150, cursor.word(at: start + 5) == 0x2279_654B_6E6F_6974 {
        cursor.index = start + 13  // Partitio, tionKey"
        self = .key
      } else {
        self = try Self.general(&cursor)
      }
    } else {
      self = try Self.general(&cursor)
    }
    try cursor.expect(0x3A)
  }

  private static func general(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) -> RecordMember {
    let name = try cursor.text()
    if cursor.equals(name, "Data") { return .data }
    if cursor.equals(name, "PartitionKey") { return .key }
    if cursor.equals(name, "ExplicitHashKey") { return .explicitHashKey }
    return .unknown
  }
}
