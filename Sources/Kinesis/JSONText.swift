/// JSON string escaping on raw bytes (RFC 8259 section 7).
package enum JSONText {
  /// Writes UTF-8 text as the inside of a JSON string and returns the bytes written, at most six for each byte read.
  ///
  /// Only what must be escaped is: quotation mark, reverse solidus and control characters.
  package static func escape(_ text: UnsafeRawBufferPointer, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    var written = 0
    for byte in text {
      if byte >= 0x20, byte != 0x22, byte != 0x5C {
        destination[written] = byte
        written += 1
        continue
      }
      destination[written] = 0x5C
      let short: UInt8? =
        switch byte {
        case 0x22, 0x5C: byte
        case 0x08: 0x62
        case 0x09: 0x74
        case 0x0A: 0x6E
        case 0x0C: 0x66
        case 0x0D: 0x72
        default: nil
        }
      if let short {
        destination[written + 1] = short
        written += 2
      } else {
        destination[written + 1] = 0x75  // u
        destination[written + 2] = 0x30
        destination[written + 3] = 0x30
        destination[written + 4] = 0x30 + byte >> 4
        destination[written + 5] = byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15
        written += 6
      }
    }
    return written
  }

  /// A string as the inside of a JSON string.
  package static func escaped(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { text in
      [UInt8](unsafeUninitializedCapacity: 6 * text.count) { buffer, count in
        if let start = buffer.baseAddress { count = escape(UnsafeRawBufferPointer(text), to: start) }
      }
    }
  }
}
