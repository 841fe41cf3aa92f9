/// Reads the answer to PutRecords in one pass, without building any object.
///
/// Any legal JSON is accepted: white space, escapes, any order of members, unknown members, null for absent. The last of
/// several members of one name counts. What became of a record is taken from its own entry alone;
/// `FailedRecordCount` is never used, since some emulators get it wrong.
package struct PutRecordsResponseScanner {
  /// Makes a scanner. It keeps nothing from one body to the next.
  package init() {}

  /// Reads one answer.
  ///
  /// - Parameters:
  ///   - body: the body of an HTTP 200, shorter than 4 GiB.
  ///   - map: the shards to recognise.
  ///   - results: one place per record of the request, written in order.
  /// - Returns: the tally, whose count may exceed the places given, or where the body stops being such an answer.
  /// - Complexity: O(length of the body).
  package mutating func scan(
    _ body: UnsafeRawBufferPointer, map: ShardMap, into results: UnsafeMutableBufferPointer<RecordResult>
  ) -> ScanResult {
    guard body.count <= UInt32.max, var cursor = JSONCursor(body) else {
      return .malformed(offset: 0, reason: .truncated)
    }
    var tally: RecordTally?
    do throws(JSONCursor.Failure) {
      guard try cursor.peek() == 0x7B else { return .malformed(offset: cursor.index, reason: .notAnObject) }
      cursor.index += 1
      if try cursor.peek() == 0x7D {
        cursor.index += 1
      } else {
        while true {
          if cursor.equals(try cursor.name(), "Records") {
            let offset = try Self.records(&cursor, map, results, &tally)
            if let offset { return .malformed(offset: offset, reason: .wrongType) }
          } else {
            try cursor.skipValue()
          }
          if try cursor.peek() != 0x2C { break }
          cursor.index += 1
        }
        try cursor.expect(0x7D)
      }
    } catch {
      return .malformed(offset: cursor.index, reason: ScanFailure(error))
    }
    cursor.skipSpace()
    guard cursor.index == cursor.end else { return .malformed(offset: cursor.index, reason: .trailingText) }
    guard let tally else { return .malformed(offset: cursor.index, reason: .noRecords) }
    return .records(tally)
  }

  /// Reads the value of `Records` and returns where a value of the wrong type stands, if anywhere.
  private static func records(
    _ cursor: inout JSONCursor, _ map: ShardMap, _ results: UnsafeMutableBufferPointer<RecordResult>,
    _ total: inout RecordTally?
  ) throws(JSONCursor.Failure) -> Int? {
    switch try cursor.peek() {
    case 0x6E:
      try cursor.skipLiteral("null")
      total = nil
      return nil
    case 0x5B: cursor.index += 1
    default: return cursor.index
    }
    var tally = RecordTally()
    if try cursor.peek() == 0x5D {
      cursor.index += 1
      total = tally
      return nil
    }
    var form = AnswerEntry.PlainForm()
    let ids = map.ids.view
    while true {
      guard try cursor.peek() == 0x7B else { return cursor.index }
      if let result = AnswerEntry.plain(&cursor, &form, ids) {
        tally.accepted += 1
        if tally.count < results.count { results[tally.count] = result }
        tally.count += 1
        if try cursor.peek() != 0x2C { break }
        cursor.index += 1
        continue
      }
      cursor.index += 1
      var entry = AnswerEntry()
      if let offset = try entry.read(&cursor) { return offset }
      let result = entry.result(cursor, map)
      if result.shard == RecordResult.notInMap { tally.onUnknownShards += 1 }
      switch result.code {
      case .accepted: tally.accepted += 1
      case .throttled:
        tally.throttled += 1
        if tally.throttledMessage.isEmpty, let text = entry.message { tally.throttledMessage = text.range }
      case .internalFailure:
        tally.internalFailures += 1
        if tally.internalFailureMessage.isEmpty, let text = entry.message { tally.internalFailureMessage = text.range }
      case .other:
        tally.other += 1
        if tally.firstOtherCode.isEmpty, let code = entry.code {
          tally.firstOtherCode = code.range
          if let text = entry.message { tally.firstOtherMessage = text.range }
        }
      }
      if tally.count < results.count { results[tally.count] = result }
      tally.count += 1
      if try cursor.peek() != 0x2C { break }
      cursor.index += 1
    }
    try cursor.expect(0x5D)
    total = tally
    return nil
  }
}

extension PutRecordsResponseScanner {
  /// The value of a string that a tally points out.
  ///
  /// - Parameters:
  ///   - range: where it stands, as the tally of a scan of this very body gave it.
  ///   - body: the scanned body.
  package static func string(_ range: Range<Int>, of body: UnsafeRawBufferPointer) -> String {
    JSONCursor(body)?.string(JSONCursor.Text(start: range.lowerBound, end: range.upperBound, hasEscapes: true)) ?? ""
  }
}

extension ScanFailure {
  init(_ failure: JSONCursor.Failure) {
    switch failure {
    case .truncated: self = .truncated
    case .notJSON: self = .notJSON
    case .tooDeep: self = .tooDeep
    }
  }
}
