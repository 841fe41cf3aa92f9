/// zlib streams of stored blocks: the container without the compression.
///
/// RFC 1950 for header and Adler-32, RFC 1951 section 3.2.4 for the blocks.
enum ZlibStored {
  /// The most bytes a stored block can hold.
  private static let blockLimit = 65_535

  /// `bytes` as a zlib stream.
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    // 0x78: deflate with a 32 KiB window; 0x01 makes the pair a multiple of 31, fastest level.
    var stream: [UInt8] = [0x78, 0x01]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(blockLimit)
      rest = rest.dropFirst(block.count)
      stream.append(rest.isEmpty ? 1 : 0)
      let length = UInt16(block.count)
      for half in [length, ~length] {
        stream.append(UInt8(truncatingIfNeeded: half))
        stream.append(UInt8(half >> 8))
      }
      stream += block
    } while !rest.isEmpty
    stream.appendBigEndian(adler32(bytes))
    return stream
  }

  /// The bytes in `stream`, which has only stored blocks.
  static func decode(_ stream: ArraySlice<UInt8>) throws(HistogramFailure) -> [UInt8] {
    var reader = ByteReader(Array(stream))
    let (method, flags) = (try reader.byte(), try reader.byte())
    // Deflate, no preset dictionary, check bits right.
    guard method & 0x0F == 8, flags & 0x20 == 0, (Int(method) << 8 | Int(flags)) % 31 == 0 else {
      throw HistogramFailure(.badStream)
    }
    var bytes: [UInt8] = []
    var isLast = false
    while !isLast {
      let header = try reader.byte()
      isLast = header & 1 == 1
      guard header >> 1 & 3 == 0 else { throw HistogramFailure(.compressedBlocks) }
      let length = Int(try reader.byte()) | Int(try reader.byte()) << 8
      let complement = Int(try reader.byte()) | Int(try reader.byte()) << 8
      guard length ^ complement == 0xFFFF else { throw HistogramFailure(.badStream) }
      for _ in 0..<length { bytes.append(try reader.byte()) }
    }
    guard try reader.bigEndian32() == adler32(bytes) else { throw HistogramFailure(.badStream) }
    return bytes
  }

  /// The checksum of RFC 1950 section 8.2.
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (sum, sumOfSums): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      sum = (sum + UInt32(byte)) % 65_521
      sumOfSums = (sumOfSums + sum) % 65_521
    }
    return sumOfSums << 16 | sum
  }
}
