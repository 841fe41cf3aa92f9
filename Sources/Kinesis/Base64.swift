/// Base64 with padding (RFC 4648 section 4), the form in which JSON carries data blobs.
package enum Base64 {
  /// Characters of base64, padding included, for a blob of so many bytes.
  @inlinable package static func encodedLength(of byteCount: Int) -> Int {
    (byteCount + 2) / 3 * 4
  }

  /// Writes exactly ``encodedLength(of:)`` characters.
  package static func encode(_ data: UnsafeRawBufferPointer, to destination: UnsafeMutablePointer<UInt8>) {
    var read = 0
    var written = 0
    while read + 3 <= data.count {
      put(UInt32(data[read]) << 16 | UInt32(data[read + 1]) << 8 | UInt32(data[read + 2]), at: destination + written)
      read += 3
      written += 4
    }
    switch data.count - read {
    case 1:
      put(UInt32(data[read]) << 16, at: destination + written)
      destination[written + 2] = pad
      destination[written + 3] = pad
    case 2:
      put(UInt32(data[read]) << 16 | UInt32(data[read + 1]) << 8, at: destination + written)
      destination[written + 3] = pad
    default: break
    }
  }

  /// Reads base64 that ``check(_:)`` accepted, and appends the bytes.
  package static func decode(_ text: UnsafeRawBufferPointer, into data: inout [UInt8]) {
    data.reserveCapacity(data.count + text.count / 4 * 3)
    var index = 0
    while index + 4 <= text.count {
      let padding = text[index + 3] == pad ? (text[index + 2] == pad ? 2 : 1) : 0
      var group: UInt32 = 0
      for offset in 0..<4 { group = group << 6 | UInt32(value(of: text[index + offset]) ?? 0) }
      data.append(UInt8(truncatingIfNeeded: group >> 16))
      if padding < 2 { data.append(UInt8(truncatingIfNeeded: group >> 8)) }
      if padding < 1 { data.append(UInt8(truncatingIfNeeded: group)) }
      index += 4
    }
  }

  /// Reads as much base64 as there is room for, up to the first group that is none, and returns the bytes written.
  ///
  /// - Complexity: O(text) without allocation.
  package static func decode(
    _ text: Slice<UnsafeRawBufferPointer>, to room: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    let text = UnsafeRawBufferPointer(rebasing: text)
    var count = 0
    var index = 0
    while index + 4 <= text.count, count + 3 <= room.count {
      guard let first = value(of: text[index]), let second = value(of: text[index + 1]) else { return count }
      room[count] = first << 2 | second >> 4
      count += 1
      guard let third = value(of: text[index + 2]) else { return count }
      room[count] = second << 4 | third >> 2
      count += 1
      guard let fourth = value(of: text[index + 3]) else { return count }
      room[count] = third << 6 | fourth
      count += 1
      index += 4
    }
    return count
  }

  static let pad: UInt8 = 0x3D  // =

  /// The six bits a character stands for, or `nil` when it is none of the 64.
  @inline(__always)
  static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5A: character - 0x41
    case 0x61...0x7A: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }

  @inline(__always)
  private static func put(_ group: UInt32, at destination: UnsafeMutablePointer<UInt8>) {
    destination[0] = character(for: group >> 18)
    destination[1] = character(for: group >> 12 & 63)
    destination[2] = character(for: group >> 6 & 63)
    destination[3] = character(for: group & 63)
  }

  @inline(__always)
  private static func character(for value: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value)
    return switch value {
    case 0..<26: 0x41 + value
    case 26..<52: value - 26 + 0x61
    case 52..<62: value - 52 + 0x30
    case 62: 0x2B
    default: 0x2F
    }
  }
}
