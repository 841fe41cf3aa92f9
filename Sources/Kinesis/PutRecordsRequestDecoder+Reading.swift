/// The pass over the body.
extension PutRecordsRequestDecoder {
  /// Reads the request's object, whose brace is next.
  func readRequest(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    cursor.index += 1
    if try cursor.peek() == 0x7D {
      cursor.index += 1
      return
    }
    while true {
      let member = try cursor.name()
      if cursor.equals(member, "Records") {
        try readRecords(&cursor)
      } else if cursor.equals(member, "StreamName") {
        request.name = try readString(&cursor).map { name(at: $0) }
      } else if cursor.equals(member, "StreamARN") {
        request.arn = try readString(&cursor).map { String(decoding: bytes($0), as: UTF8.self) }
      } else {
        try cursor.skipValue()
      }
      if try cursor.peek() != 0x2C { break }
      cursor.index += 1
    }
    try cursor.expect(0x7D)
  }

  private func name(at range: RequestRecord.TextRange) -> String {
    let text = bytes(range)
    if !lastName.utf8.elementsEqual(text) { lastName = String(decoding: text, as: UTF8.self) }
    return lastName
  }

  private func readRecords(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    // A second list replaces the first.
    records.removeAll(keepingCapacity: true)
    request.recordCount = nil
    request.size = 0
    guard try cursor.peek() == 0x5B else { return try skipWrongType(&cursor) }
    cursor.index += 1
    var count = 0
    if try cursor.peek() == 0x5D {
      cursor.index += 1
    } else {
      while true {
        var record = RequestRecord()
        try readRecord(&record, &cursor)
        check(record)
        if count < limits.records { records.append(record) }
        count += 1
        if try cursor.peek() != 0x2C { break }
        cursor.index += 1
      }
      try cursor.expect(0x5D)
    }
    request.recordCount = count
  }

  private func readRecord(_ record: inout RequestRecord, _ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    guard try cursor.peek() == 0x7B else {
      return try skipWrongType(&cursor)
    }
    cursor.index += 1
    if try cursor.peek() == 0x7D {
      cursor.index += 1
      return
    }
    while true {
      switch try RecordMember(&cursor) {
      case .data: try readData(&record, &cursor)
      case .key:
        let range = try readString(&cursor)
        record.hasKey = range != nil
        record.key = range ?? RequestRecord.TextRange()
      case .explicitHashKey: try readHashKey(&record, &cursor)
      case .unknown: try cursor.skipValue()
      }
      if try cursor.peek() != 0x2C { break }
      cursor.index += 1
    }
    try cursor.expect(0x7D)
  }

  /// Adds a record to the sums and marks the request when the record breaks a rule.
  private func check(_ record: RequestRecord) {
    request.size += record.size
    if !record.hasData || !record.hasKey || !isKey(record.key) || record.dataLength > limits.bytesPerRecord
      || record.hashKeyIsMalformed
    {
      request.isIrregular = true
    }
    if record.size > limits.bytesPerRecord || record.hashKeyOverflows { request.mayBeRefused = true }
  }

  /// Whether a key has 1 to 256 UTF-16 units. A text has no more of them than bytes, and at least a third as many.
  private func isKey(_ key: RequestRecord.TextRange) -> Bool {
    let most = KinesisLimits.partitionKeyUnits
    if key.length <= most { return key.length > 0 }
    return key.length <= 3 * most && String(decoding: bytes(key), as: UTF8.self).utf16.count <= most
  }

  /// Reads a string, or gives `nil` for null and for values of other types, which are noted.
  private func readString(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) -> RequestRecord.TextRange? {
    guard try cursor.peek() == 0x22 else {
      try skipWrongType(&cursor)
      return nil
    }
    cursor.index += 1
    return range(of: try cursor.text(), cursor)
  }

  /// Where a string's UTF-8 is: in the body, or written to the scratch memory now.
  private func range(of text: JSONCursor.Text, _ cursor: JSONCursor) -> RequestRecord.TextRange {
    guard text.hasEscapes else {
      return RequestRecord.TextRange(offset: UInt32(text.start), length: UInt32(text.count))
    }
    if scratchCapacity - scratchCount < text.count {
      var larger = scratchCapacity
      while larger - scratchCount < text.count { larger *= 2 }
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
      memory.update(from: scratch, count: scratchCount)
      scratch.deallocate()
      scratch = memory
      scratchCapacity = larger
    }
    var unescaper = JSONUnescaper(base: cursor.base, text: text)
    let offset = scratchCount
    scratchCount += unescaper.write(to: scratch + offset)
    return RequestRecord.TextRange(
      offset: UInt32(offset), length: UInt32(scratchCount - offset), isInScratch: true)
  }

  private func readData(_ record: inout RequestRecord, _ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    record.hasData = false
    record.dataLength = 0
    guard try cursor.peek() == 0x22 else { return try skipWrongType(&cursor) }
    cursor.index += 1
    // The fast way: characters of base64 up to at most two of padding and the quotation mark.
    let start = cursor.index
    let stop = Base64.endOfRun(cursor.base, from: start, to: cursor.end)
    var close = stop
    while close < cursor.end, close < stop + 2, cursor.base[close] == Base64.pad { close += 1 }
    if close < cursor.end, cursor.base[close] == 0x22,
      let length = Base64.decodedLength(
        characters: stop - start, padding: close - stop, last: stop > start ? cursor.base[stop - 1] : 0x41)
    {
      cursor.index = close + 1
      record.data = RequestRecord.TextRange(offset: UInt32(start), length: UInt32(close - start))
      record.dataLength = length
      record.hasData = true
      return
    }
    // The careful way: escapes, or a fault.
    let range = range(of: try cursor.text(), cursor)
    if let length = Base64.length(of: bytes(range)) {
      record.data = range
      record.dataLength = length
      record.hasData = true
    } else {
      request.isIrregular = true
    }
  }

  private func readHashKey(_ record: inout RequestRecord, _ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    record.hasExplicitHashKey = false
    record.hashKeyOverflows = false
    record.hashKeyIsMalformed = false
    guard let range = try readString(&cursor) else { return }
    record.explicit = range
    // The pattern `0|([1-9]\d{0,38})` (service model).
    let digits = bytes(range)
    guard (1...39).contains(digits.count), digits[0] != 0x30 || digits.count == 1 else {
      record.hashKeyIsMalformed = true
      return
    }
    var value: UInt128 = 0
    var overflows = false
    for byte in digits {
      guard byte &- 0x30 <= 9 else {
        record.hashKeyIsMalformed = true
        return
      }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt128(byte - 0x30))
      overflows = overflows || tooLarge || carry
      value = sum
    }
    record.explicitHashKey = value
    record.hasExplicitHashKey = true
    record.hashKeyOverflows = overflows
  }

  /// Skips a value that is not of the expected type; null counts as absent.
  private func skipWrongType(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) {
    if try cursor.peek() != 0x6E { request.isIrregular = true }
    try cursor.skipValue()
  }
}
