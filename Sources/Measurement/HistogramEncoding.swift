// HdrHistogram's V2 encoding: HdrHistogram/HdrHistogram at de84b0a, `AbstractHistogram.encodeIntoByteBuffer`,
// `encodeIntoCompressedByteBuffer` and `ZigZagEncoding.java`.

/// The cookie of the plain encoding: its base and, in the low nibble of the second byte, the word size of V2.
private let plainCookie: UInt32 = 0x1C84_9303 | 0x10
/// The cookie of the encoding in a zlib stream.
private let compressedCookie: UInt32 = 0x1C84_9304 | 0x10
/// Bytes before the counts.
private let headerLength = 40

extension Histogram {
  /// The V2 encoding: a 40-byte big-endian header, then the counts from bucket 0 to the highest used one as ZigZag
  /// LEB128-64b9B numbers, runs of zeros as one negative number.
  package func encodedV2() -> [UInt8] {
    var payload: [UInt8] = []
    let end = (counts.lastIndex { $0 != 0 }).map { base + $0 + 1 } ?? 0
    var bucket = 0
    while bucket < end {
      let count = count(ofBucket: bucket)
      if count != 0 {
        payload.appendZigZag(count)
        bucket += 1
        continue
      }
      // The last bucket before `end` is not empty, so the run ends before it.
      var next = Swift.max(bucket + 1, Swift.min(base, end))
      while self.count(ofBucket: next) == 0 { next += 1 }
      // A single zero is written as 0, as the Java encoder has it.
      payload.appendZigZag(next - bucket > 1 ? -Int64(next - bucket) : 0)
      bucket = next
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerLength + payload.count)
    bytes.appendBigEndian(plainCookie)
    bytes.appendBigEndian(UInt32(payload.count))
    bytes.appendBigEndian(UInt32(0))  // normalizing index offset
    bytes.appendBigEndian(UInt32(significantDigits))
    bytes.appendBigEndian(UInt64(lowestDiscernible))
    bytes.appendBigEndian(UInt64(highestTrackable))
    bytes.appendBigEndian((1.0).bitPattern)  // integer to double conversion ratio
    return bytes + payload
  }

  /// The V2 encoding in a zlib stream (RFC 1950) of stored blocks: what HDR logs hold in base64.
  ///
  /// Every inflater reads stored blocks; the stream is 11 bytes longer than the plain encoding, and 5 more for every
  /// 64 KiB, where a deflater would save about half.
  package func encodedV2Compressed() -> [UInt8] {
    let stream = ZlibStored.encode(encodedV2())
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + stream.count)
    bytes.appendBigEndian(compressedCookie)
    bytes.appendBigEndian(UInt32(stream.count))
    return bytes + stream
  }

  /// Reads the V2 encoding, from this or any other HdrHistogram.
  ///
  /// Refused: other versions, an index offset other than 0, a conversion ratio other than 1, digits outside 1 to 5,
  /// counts that are negative or beyond `Int64.max`. Bytes after the payload are ignored, as the Java decoder does.
  package init(decodingV2 bytes: [UInt8]) throws(HistogramFailure) {
    var reader = ByteReader(bytes)
    let cookie = try reader.bigEndian32()
    guard cookie == plainCookie else { throw HistogramFailure(.unknownCookie(cookie)) }
    let length = try reader.bigEndian32()
    guard try reader.bigEndian32() == 0 else { throw HistogramFailure(.unsupportedHeader("index offset")) }
    let digits = try reader.bigEndian32()
    guard (1...5).contains(digits) else { throw HistogramFailure(.unsupportedHeader("significant digits")) }
    let lowest = try reader.bigEndian64()
    guard (1...UInt64(Histogram.largestLowestDiscernible)).contains(lowest) else {
      throw HistogramFailure(.unsupportedHeader("lowest discernible value"))
    }
    _ = try reader.bigEndian64()  // The highest trackable value: this histogram grows as the counts need.
    guard try Double(bitPattern: reader.bigEndian64()) == 1 else {
      throw HistogramFailure(.unsupportedHeader("conversion ratio"))
    }
    self.init(significantDigits: Int(digits), lowestDiscernible: Int64(lowest))
    guard Int(length) <= reader.remaining else { throw HistogramFailure(.truncated) }
    let end = reader.position + Int(length)
    let buckets = bucket(of: .max) + 1
    var bucket = 0
    var total: Int64 = 0
    while reader.position < end {
      let number = try reader.zigZag()
      if number < 0 {
        guard number >= -Int64(buckets - bucket) else { throw HistogramFailure(.badCounts) }
        bucket -= Int(number)
      } else {
        let (sum, overflow) = total.addingReportingOverflow(number)
        guard !overflow, bucket < buckets else { throw HistogramFailure(.badCounts) }
        total = sum
        record(lowestValue(ofBucket: bucket), count: number)
        bucket += 1
      }
    }
    guard reader.position == end else { throw HistogramFailure(.truncated) }
  }

  /// Reads what `encodedV2Compressed` writes. Streams that are really compressed are refused by name: reading them
  /// would take an inflater, and nothing here writes them.
  package init(decodingV2Compressed bytes: [UInt8]) throws(HistogramFailure) {
    var reader = ByteReader(bytes)
    let cookie = try reader.bigEndian32()
    guard cookie == compressedCookie else { throw HistogramFailure(.unknownCookie(cookie)) }
    let length = try reader.bigEndian32()
    guard Int(length) <= reader.remaining else { throw HistogramFailure(.truncated) }
    try self.init(decodingV2: ZlibStored.decode(bytes[reader.position..<(reader.position + Int(length))]))
  }

  /// The highest value of the highest doubling used, and at least twice the lowest discernible one, which is what
  /// HdrHistogram's constructors ask for.
  private var highestTrackable: Int64 { Swift.max(max, firstRangeMask) }
}

extension Histogram {
  /// How many buckets have values. O(buckets).
  package var usedBuckets: Int { counts.count { $0 != 0 } }

  /// The number and the count of every bucket that has values, in rising order. O(buckets).
  package func forEachUsedBucket(_ body: (_ bucket: Int, _ count: Int64) -> Void) {
    for slot in counts.indices where counts[slot] != 0 { body(base + slot, counts[slot]) }
  }

  /// Adds to the count of a bucket, as numbered by `forEachUsedBucket`.
  ///
  /// - Returns: false, and nothing is added, for a bucket that there is not or a count that goes beyond `Int64.max`.
  package mutating func add(_ added: UInt64, bucket: UInt64) -> Bool {
    guard bucket <= UInt64(self.bucket(of: .max)), let added = Int64(exactly: added),
      !total.addingReportingOverflow(added).overflow
    else { return false }
    record(lowestValue(ofBucket: Int(bucket)), count: added)
    return true
  }
}

/// Why bytes are no histogram this module can read.
package struct HistogramFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with them.
  package enum Reason: Hashable, Sendable {
    /// The bytes end before the histogram does.
    case truncated
    /// The first four bytes are another format's.
    case unknownCookie(UInt32)
    /// A header field has a value that no histogram of this kind has.
    case unsupportedHeader(String)
    /// A count is negative, too large, or beyond the highest bucket.
    case badCounts
    /// The zlib stream is damaged.
    case badStream
    /// The zlib stream is compressed; only stored blocks, which this tool writes, are read.
    case compressedBlocks
  }

  /// What is wrong.
  package let reason: Reason

  init(_ reason: Reason) {
    self.reason = reason
  }

  /// A sentence for the user.
  package var description: String {
    switch reason {
    case .truncated: "the histogram's bytes end too early"
    case .unknownCookie(let cookie): "not an HdrHistogram V2 encoding (it begins with 0x\(String(cookie, radix: 16)))"
    case .unsupportedHeader(let field): "unsupported value of the histogram header's field \(field)"
    case .badCounts: "the histogram's counts are damaged"
    case .badStream: "the histogram's zlib stream is damaged"
    case .compressedBlocks: "the histogram is deflated; only stored zlib blocks, as shardmeter writes them, are read"
    }
  }
}

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
