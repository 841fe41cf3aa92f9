import Kinesis
import Measurement

/// Writes a record's data as base64 text.
enum PayloadWriter {
  /// Bytes at the start of the data that name the record where `records.identity` is on.
  static let identityLength = RecordIdentity.length

  private static let jsonMiddle: StaticString = "\",\"v\":\""
  private static let jsonTail: StaticString = "\"}"
  /// Bytes of a JSON payload around its text; a shorter one has no identity.
  private static let jsonFrame =
    RecordIdentity.jsonHead.utf8CodeUnitCount + identityLength + jsonMiddle.utf8CodeUnitCount
    + jsonTail.utf8CodeUnitCount

  /// The least bytes of data that carry an identity.
  static func identityRoom(_ rule: PayloadRule) -> Int { rule == .json ? jsonFrame : identityLength }

  /// Writes the data of a record.
  ///
  /// - Parameter target: room for the base64 text of `record.dataBytes` bytes.
  @inline(__always)
  static func write(
    _ rule: PayloadRule, record: PlannedRecord, random: CounterRandom, hasIdentity: Bool,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    if case .random = rule {
      var words = SequenceRandom(random, record.index)
      words.writeBase64(ofByteCount: Int(record.dataBytes), to: target)
      if hasIdentity, Int(record.dataBytes) >= identityLength {
        writeIdentity(of: record, to: target + 24 - identityLength)
        let bytes = UnsafeRawBufferPointer(start: target + 24 - identityLength, count: identityLength)
        Base64.encode(bytes, to: target)
      }
    } else {
      writeBytes(rule, record: record, random: random, hasIdentity: hasIdentity, to: target)
    }
  }

  /// Puts the bytes at the end of the text's room and encodes them forward in place: group k is written to 4k..<4k+4
  /// after it was read from `text length - length + 3k`, which is never before it.
  private static func writeBytes(
    _ rule: PayloadRule, record: PlannedRecord, random: CounterRandom, hasIdentity: Bool,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    let length = Int(record.dataBytes)
    guard length > 0 else { return }
    let bytes = UnsafeMutableBufferPointer(start: target + (length + 2) / 3 * 4 - length, count: length)
    var words = SequenceRandom(random, record.index)
    let identity = hasIdentity && length >= identityLength ? identityLength : 0
    if case .files(let files) = rule {
      // The text is there already; the identity takes the place of its first 24 characters.
      files.writeBase64(files.choice(of: record.index, random), to: target)
      if identity > 0 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: identityLength) { room in
          guard let start = room.baseAddress else { return }
          writeIdentity(of: record, to: start)
          Base64.encode(UnsafeRawBufferPointer(room), to: target)
        }
      }
      return
    }
    switch rule {
    case .random, .zeros, .files:
      bytes.update(repeating: 0)
    case .text(let compressibility):
      writeText(bytes, repeated: compressibility, words: &words)
    case .json:
      writeJSON(bytes, record: record, words: &words)
    }
    if identity > 0, rule != .json, let start = bytes.baseAddress { writeIdentity(of: record, to: start) }
    Base64.encode(UnsafeRawBufferPointer(bytes), to: target)
  }

  /// Letters and digits, a share of them replaced by one and the same.
  private static func writeText(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, repeated: Double, words: inout SequenceRandom
  ) {
    let limit = UInt64((repeated * 1024).rounded())
    var word: UInt64 = 0
    for index in bytes.indices {
      if index % 4 == 0 { word = words.next() }
      let piece = word & 0xFFFF
      word >>= 16
      bytes[index] = piece & 1023 < limit ? UInt8(ascii: "e") : letter(piece >> 10)
    }
  }

  /// The 64 characters of text payloads: letters, digits, space and full stop.
  private static func letter(_ number: UInt64) -> UInt8 {
    let number = UInt8(truncatingIfNeeded: number & 63)
    return switch number {
    case 0..<26: UInt8(ascii: "a") + number
    case 26..<52: UInt8(ascii: "A") + number - 26
    case 52..<62: UInt8(ascii: "0") + number - 52
    case 62: UInt8(ascii: " ")
    default: UInt8(ascii: ".")
    }
  }

  /// `{"id":"sm….","v":"…"}` filled to the length with text; below that as much of it as is a JSON value.
  private static func writeJSON(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, record: PlannedRecord, words: inout SequenceRandom
  ) {
    guard let start = bytes.baseAddress else { return }
    var filled = 0
    func append(_ text: StaticString) {
      (start + filled).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
      filled += text.utf8CodeUnitCount
    }
    let close: StaticString
    if bytes.count >= jsonFrame {
      append(RecordIdentity.jsonHead)
      writeIdentity(of: record, to: start + filled)
      filled += identityLength
      append(jsonMiddle)
      close = jsonTail
    } else if bytes.count >= 2 {
      append("\"")
      close = "\""
    } else {
      bytes[0] = UInt8(ascii: "0")
      return
    }
    let end = bytes.count - close.utf8CodeUnitCount
    writeText(UnsafeMutableBufferPointer(rebasing: bytes[filled..<end]), repeated: 0.25, words: &words)
    filled = end
    append(close)
  }

  private static func writeIdentity(of record: PlannedRecord, to target: UnsafeMutablePointer<UInt8>) {
    RecordIdentity(phase: record.phase, index: record.index).write(to: target)
  }
}
