extension [UInt8] {
  /// Appends the bytes of `value`, the most significant first.
  mutating func appendBigEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Appends `value` as HdrHistogram's ZigZag LEB128-64b9B: the sign folded into bit 0, seven bits a byte from the
  /// least significant up, but at most nine bytes: the ninth carries eight bits, not seven.
  mutating func appendZigZag(_ value: Int64) {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    for _ in 0..<8 {
      if rest < 0x80 {
        append(UInt8(rest))
        return
      }
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

/// Reads numbers off the front of a byte array; throws `truncated` at its end.
struct ByteReader {
  private let bytes: [UInt8]
  /// Bytes read so far.
  private(set) var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Bytes not read yet.
  var remaining: Int { bytes.count - position }

  mutating func byte() throws(HistogramFailure) -> UInt8 {
    guard position < bytes.count else { throw HistogramFailure(.truncated) }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func bigEndian32() throws(HistogramFailure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 { value = value << 8 | UInt32(try byte()) }
    return value
  }

  mutating func bigEndian64() throws(HistogramFailure) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
    return value
  }

  /// One number as `appendZigZag` writes it.
  mutating func zigZag() throws(HistogramFailure) -> Int64 {
    var folded: UInt64 = 0
    for index in 0..<9 {
      let byte = try byte()
      if index == 8 || byte < 0x80 {
        folded |= UInt64(byte) << UInt64(7 * index)
        break
      }
      folded |= UInt64(byte & 0x7F) << UInt64(7 * index)
    }
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }
}
