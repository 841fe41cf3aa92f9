import StrictJSON

/// Writes the answer to PutRecords on the endpoint's side, entry by entry into memory it keeps.
package final class PutRecordsResponseWriter {
  // Used for each record, by one call at a time: checks of exclusive access would cost more than the copies.
  @exclusivity(unchecked) private var base: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) private var capacity: Int
  @exclusivity(unchecked) private var start: Int
  @exclusivity(unchecked) private var end: Int

  /// Entries written that say the record failed.
  @exclusivity(unchecked) package private(set) var failedCount = 0

  /// Room in front of the entries: `{"FailedRecordCount":`, up to twenty digits, `,"Records":[`, all known at the end.
  private static let headroom = 64

  /// Makes a writer without an answer.
  package init() {
    capacity = 4096
    base = .allocate(capacity: capacity)
    start = Self.headroom
    end = Self.headroom
  }

  deinit {
    base.deallocate()
  }

  /// Starts a new answer.
  package func begin() {
    start = Self.headroom
    end = Self.headroom
    failedCount = 0
  }

  /// Appends the entry of an accepted record.
  package func appendAccepted(_ sequence: SequenceDigits, _ text: ShardEntryText) {
    reserve(96 + text.afterSequence.count)
    append(#"{"SequenceNumber":""#)
    end += sequence.write(to: base + end)
    append(text.afterSequence)
  }

  /// Appends the entry of a throttled record.
  package func appendThrottled(_ text: ShardEntryText) {
    failedCount += 1
    reserve(text.throttled.count)
    append(text.throttled)
  }

  /// Appends the entry of a record that failed inside the service.
  package func appendInternalFailure() {
    failedCount += 1
    reserve(96)
    append(#"{"ErrorCode":"InternalFailure","ErrorMessage":"Internal service failure."},"#)
  }

  /// Ends the answer and returns it; valid until the next call of any method.
  package func finish() -> UnsafeRawBufferPointer {
    if end > Self.headroom { end -= 1 }  // the comma after the last entry
    reserve(2)
    append("]}")
    let infix: StaticString = #","Records":["#
    let prefix: StaticString = #"{"FailedRecordCount":"#
    start -= infix.utf8CodeUnitCount
    (base + start).update(from: infix.utf8Start, count: infix.utf8CodeUnitCount)
    var digits: UInt64 = UInt64(failedCount)
    repeat {
      start -= 1
      base[start] = 0x30 + UInt8(digits % 10)
      digits /= 10
    } while digits > 0
    start -= prefix.utf8CodeUnitCount
    (base + start).update(from: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
    return UnsafeRawBufferPointer(start: base + start, count: end - start)
  }

  private func append(_ text: StaticString) {
    (base + end).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    end += text.utf8CodeUnitCount
  }

  private func append(_ text: [UInt8]) {
    text.withUnsafeBufferPointer { text in
      guard let source = text.baseAddress else { return }
      (base + end).update(from: source, count: text.count)
    }
    end += text.count
  }

  private func reserve(_ count: Int) {
    guard capacity - end < count else { return }
    var larger = capacity
    while larger - end < count { larger *= 2 }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memory.update(from: base, count: end)
    base.deallocate()
    base = memory
    capacity = larger
  }
}

/// The parts of an answer's entries that are the same for all records of a shard, made once per shard.
package struct ShardEntryText: Sendable {
  /// What follows an accepted record's sequence number, comma included.
  let afterSequence: [UInt8]

  /// The entry of a throttled record, comma included.
  let throttled: [UInt8]

  /// Makes the texts of a shard.
  ///
  /// The message is the one production gives (API reference, sample of PutRecords; kinesalite issue 87).
  package init(shardID: String, streamName: String, accountID: String) {
    afterSequence = Array("\",\"ShardId\":\"".utf8) + JSONStringEscaping.escaped(shardID) + Array("\"},".utf8)
    let message = Self.throttleMessage(shardID: shardID, streamName: streamName, accountID: accountID)
    throttled =
      Array(#"{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":""#.utf8)
      + JSONStringEscaping.escaped(message) + Array("\"},".utf8)
  }

  /// The text with which a shard refuses a record: `Rate exceeded for shard S in stream N under account A.`
  package static func throttleMessage(shardID: String, streamName: String, accountID: String) -> String {
    "Rate exceeded for shard \(shardID) in stream \(streamName) under account \(accountID)."
  }
}
