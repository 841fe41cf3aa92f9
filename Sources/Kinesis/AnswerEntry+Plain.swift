extension AnswerEntry {
  /// Reads an accepted entry written as the service writes it, `{"SequenceNumber":"…","ShardId":"…"}` without white space
  /// or escapes, of a shard in the map and with number and id as long as in the entry before: nearly every entry of nearly
  /// every answer. Everything stands then where it stood before, and is only compared, in wide words.
  ///
  /// - Parameters:
  ///   - form: the lengths to expect; of an entry written as the service writes it but with other lengths, those are
  ///     noted for the next one.
  ///   - ids: the map's.
  /// - Returns: nil for anything else, the cursor not moved, so that it can be read the general way.
  @inline(__always)
  static func plain(_ cursor: inout JSONCursor, _ form: inout PlainForm, _ ids: ShardIDTable.View) -> RecordResult? {
    let sequence = cursor.index &+ 19
    let sequenceEnd = sequence &+ form.sequenceLength
    let id = sequenceEnd &+ 13
    let idEnd = id &+ form.idLength
    guard idEnd &+ 2 <= cursor.end, isHead(cursor, cursor.index), cursor.isDigits(sequence, count: form.sequenceLength),
      isMiddle(cursor, sequenceEnd), cursor.base[idEnd] == 0x22, cursor.base[idEnd &+ 1] == 0x7D,
      let shard = ids.index(of: cursor.base + id, length: form.idLength)
    else {
      form = PlainForm(cursor) ?? form
      return nil
    }
    cursor.index = idEnd &+ 2
    var result = RecordResult()
    result.code = .accepted
    result.sequenceOffset = UInt32(truncatingIfNeeded: sequence)
    result.sequenceLength = UInt16(truncatingIfNeeded: form.sequenceLength)
    result.shard = shard
    return result
  }

  /// `{"SequenceNumber":"`
  @inline(__always)
  fileprivate static func isHead(_ cursor: JSONCursor, _ position: Int) -> Bool {
    cursor.word(at: position) == 0x6E65_7571_6553_227B  // {"Sequen
      && cursor.word(at: position &+ 8) == 0x7265_626D_754E_6563  // ceNumber
      && cursor.word(at: position &+ 11) == 0x223A_2272_6562_6D75  // umber":"
  }

  /// `","ShardId":"`
  @inline(__always)
  fileprivate static func isMiddle(_ cursor: JSONCursor, _ position: Int) -> Bool {
    cursor.word(at: position) == 0x6472_6168_5322_2C22  // ","Shard
      && cursor.word(at: position &+ 5) == 0x223A_2264_4964_7261  // ardId":"
  }

  /// How long number and id of an entry are.
  struct PlainForm {
    /// Digits of the sequence number, 16 to 64.
    private(set) var sequenceLength = 56
    /// Bytes of the shard's id, within `ShardIDTable.lengths`.
    private(set) var idLength = 20

    /// The lengths that the service's have.
    init() {}

    /// The lengths of the entry at the cursor; nil when it is not written as the service writes it, or with lengths that are
    /// read the general way.
    @inline(never)
    init?(_ cursor: JSONCursor) {
      let start = cursor.index + 19
      guard start <= cursor.end, isHead(cursor, cursor.index), let sequenceEnd = cursor.endOfPlainText(from: start),
        (16...64).contains(sequenceEnd - start), sequenceEnd + 13 <= cursor.end, isMiddle(cursor, sequenceEnd),
        let idEnd = cursor.endOfPlainText(from: sequenceEnd + 13),
        ShardIDTable.lengths.contains(idEnd - sequenceEnd - 13)
      else { return nil }
      sequenceLength = sequenceEnd - start
      idLength = idEnd - sequenceEnd - 13
    }
  }
}
