import Kinesis

/// What names a record inside its own data, where `records.identity` is on: `sm`, the phase in 4 and the record's number
/// within it in 12 hexadecimal digits, lower case.
///
/// It stands at the start of the data, and in a JSON payload as the text of its first member.
package struct RecordIdentity: Hashable, Sendable {
  /// The phase's number, from 0.
  package var phase: UInt16
  /// The record's number within the phase, from 0 to 2^48 - 1.
  package var index: UInt64

  /// Bytes it takes: a multiple of 3, so that base64 keeps it apart from what follows.
  package static let length = 18
  /// What precedes it in a JSON payload.
  static let jsonHead: StaticString = "{\"id\":\""
  /// Characters of base64 in which it ends in every payload: of the 25 bytes of head and identity in JSON.
  private static let searchedText = Base64.encodedLength(of: jsonHead.utf8CodeUnitCount + length + 2)

  /// Names a record.
  package init(phase: UInt16, index: UInt64) {
    self.phase = phase
    self.index = index
  }

  /// Finds the identity of a record by its data; `nil` when it carries none. O(1).
  ///
  /// - Parameter text: the data as base64 text.
  package init?(base64 text: UnsafeRawBufferPointer) {
    let found: RecordIdentity? = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.searchedText) { room in
      let count = Base64.decode(text.prefix(Self.searchedText), to: room)
      let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: room[..<count]))
      if let identity = RecordIdentity(bytes: bytes) { return identity }
      let head = Self.jsonHead.utf8CodeUnitCount
      guard bytes.count >= head + Self.length else { return nil }
      for offset in 0..<head where bytes[offset] != Self.jsonHead.utf8Start[offset] { return nil }
      return RecordIdentity(bytes: UnsafeRawBufferPointer(rebasing: bytes[head...]))
    }
    guard let found else { return nil }
    self = found
  }

  /// Reads the identity that begins there.
  private init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.length, bytes[0] == UInt8(ascii: "s"), bytes[1] == UInt8(ascii: "m") else { return nil }
    var value: UInt64 = 0
    for byte in bytes[2..<Self.length] {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte - 0x61 + 10)
      default: return nil
      }
    }
    phase = UInt16(truncatingIfNeeded: value >> 48)
    index = value & 0xFFFF_FFFF_FFFF
  }

  /// Writes its `length` bytes.
  func write(to target: UnsafeMutablePointer<UInt8>) {
    target[0] = UInt8(ascii: "s")
    target[1] = UInt8(ascii: "m")
    for position in 0..<4 { target[2 + position] = Self.digit(UInt64(phase) >> UInt64(12 - 4 * position)) }
    for position in 0..<12 { target[6 + position] = Self.digit(index >> UInt64(44 - 4 * position)) }
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value & 15)
    return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
