extension AnswerEntry {
  /// Reads an accepted entry written as the service writes it, `{"SequenceNumber":"…","ShardId":"…"}` without white space
  /// or escapes: nearly every entry of nearly every answer.
  ///
  /// - Returns: nil for anything else, the cursor not moved, so that it can be read the general way.
  @inline(__always)
  static func plain(_ cursor: inout JSONCursor, _ map: ShardMap) -> RecordResult? {
    let start = cursor.index
    guard start + 19 <= cursor.end, cursor.word(at: start) == 0x6E65_7571_6553_227B,  // {"Sequen
      cursor.word(at: start + 8) == 0x7265_626D_754E_6563,  // ceNumber
      cursor.word(at: start + 11) == 0x223A_2272_6562_6D75,  // umber":"
      let sequenceEnd = cursor.endOfPlainText(from: start + 19), sequenceEnd - (start + 19) <= UInt16.max,
      sequenceEnd + 13 <= cursor.end, cursor.word(at: sequenceEnd) == 0x6472_6168_5322_2C22,  // ","Shard
      cursor.word(at: sequenceEnd + 5) == 0x223A_2264_4964_7261,  // ardId":"
      let shardEnd = cursor.endOfPlainText(from: sequenceEnd + 13),
      shardEnd + 1 < cursor.end, cursor.base[shardEnd + 1] == 0x7D
    else { return nil }
    cursor.index = shardEnd + 2
    var result = RecordResult()
    result.code = .accepted
    result.sequenceOffset = UInt32(truncatingIfNeeded: start + 19)
    result.sequenceLength = UInt16(truncatingIfNeeded: sequenceEnd - (start + 19))
    let shardStart = sequenceEnd + 13
    result.shard = index(
      ofID: UnsafeRawBufferPointer(start: cursor.base + shardStart, count: shardEnd - shardStart), map)
    return result
  }
}
