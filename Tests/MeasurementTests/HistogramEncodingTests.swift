import Testing

@testable import Measurement

@Suite struct HistogramEncodingTests {
  /// The counts that hdrhistogram 0.10 (the Python port) writes for `HistogramTests.reference`.
  private static let referencePayload: [UInt8] = hex(
    "0202 02f7 1f02 04fb 0f02 02b1 4804 d15a d804 c90a 80c0 a8ca 9a3a df3f 02f3 4802")
  /// The header before it, with the highest trackable value this histogram has: the top of the last doubling.
  private static func header(highest: String) -> [UInt8] {
    hex("1c849313 00000020 00000000 00000003 0000000000000001 \(highest) 3ff0000000000000")
  }

  @Test func theEncodingIsThatOfOtherHdrHistograms() {
    let bytes = HistogramTests.reference.encodedV2()
    #expect(Array(bytes[40...]) == Self.referencePayload)
    #expect(Array(bytes[..<40]) == Self.header(highest: "00000000b2dfffff"))
  }

  @Test func anotherHdrHistogramsEncodingIsRead() throws {
    let bytes = Self.header(highest: "000034630b8a000 0") + Self.referencePayload
    #expect(try Histogram(decodingV2: bytes) == HistogramTests.reference)
  }

  private static let samples: [Histogram] = {
    var samples = [Histogram(), Histogram(significantDigits: 2), HistogramTests.reference]
    for digits in 1...5 {
      for lowest in [1, 1_000, 1 << 40] as [Int64] {
        var histogram = Histogram(significantDigits: digits, lowestDiscernible: lowest)
        // The whole range at 4 and 5 digits has millions of buckets.
        let values: [Int64] = digits < 4 ? [0, 1, 5_000, 5_000, 1 << 41, .max] : [1 << 41, 1 << 41, (1 << 42) - 1]
        for value in values { histogram.record(value) }
        samples.append(histogram)
        var one = Histogram(significantDigits: digits, lowestDiscernible: lowest)
        one.record(123_456_789_012, count: .max)
        samples.append(one)
      }
    }
    return samples
  }()

  @Test func bothFormsAreReadBackExactly() throws {
    for histogram in Self.samples {
      #expect(try Histogram(decodingV2: histogram.encodedV2()) == histogram)
      #expect(try Histogram(decodingV2Compressed: histogram.encodedV2Compressed()) == histogram)
    }
  }

  @Test func everyTruncationIsRefused() {
    let plain = HistogramTests.reference.encodedV2()
    let compressed = HistogramTests.reference.encodedV2Compressed()
    for length in plain.indices {
      #expect(throws: HistogramFailure.self) { try Histogram(decodingV2: Array(plain[..<length])) }
    }
    for length in compressed.indices {
      #expect(throws: HistogramFailure.self) { try Histogram(decodingV2Compressed: Array(compressed[..<length])) }
    }
  }

  @Test func everyDamagedByteOfTheStreamIsRefused() {
    let compressed = HistogramTests.reference.encodedV2Compressed()
    for index in compressed.indices.dropFirst(8) {
      var damaged = compressed
      // Not one of the block header's five padding bits, which mean nothing.
      damaged[index] ^= 0x04
      #expect(throws: HistogramFailure.self, "byte \(index)") { try Histogram(decodingV2Compressed: damaged) }
    }
  }

  @Test(
    arguments: [
      (0, 0x1C84_9303, HistogramFailure.Reason.unknownCookie(0x1C84_9303)),
      (8, 1, .unsupportedHeader("index offset")), (12, 0, .unsupportedHeader("significant digits")),
      (12, 6, .unsupportedHeader("significant digits")), (20, 0, .unsupportedHeader("lowest discernible value")),
      (16, 0x7FFF_FFFF, .unsupportedHeader("lowest discernible value")),
      (32, 0x4000_0000, .unsupportedHeader("conversion ratio")), (4, 0x7FFF_FFFF, .truncated),
    ] as [(Int, UInt32, HistogramFailure.Reason)])
  func unusableHeadersAreNamed(offset: Int, word: UInt32, reason: HistogramFailure.Reason) {
    var bytes = HistogramTests.reference.encodedV2()
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * index)) }
    #expect(throws: HistogramFailure(reason)) { try Histogram(decodingV2: bytes) }
  }

  @Test func aPayloadThatEndsWithinANumberIsRefused() {
    // -2047 takes two bytes; the payload's length says one of them.
    let bytes = Self.header(highest: "00000000000007ff") + Self.hex("fd1f")
    var cut = bytes
    cut[7] = 1
    #expect(throws: HistogramFailure(.truncated)) { try Histogram(decodingV2: cut) }
  }

  @Test(arguments: [
    ("run of zeros past the last bucket", "ff ff ff ff ff ff ff ff ff"),
    ("run of Int64.min", "ff ff ff ff ff ff ff ff ff 02"),
    ("counts that overflow", "fe ff ff ff ff ff ff ff ff 02"),
  ])
  func impossibleCountsAreRefused(name: String, payload: String) {
    let counts = Self.hex(payload)
    var bytes = Self.header(highest: "00000000000007ff")
    bytes[7] = UInt8(counts.count)
    #expect(throws: HistogramFailure(.badCounts), "\(name)") { try Histogram(decodingV2: bytes + counts) }
  }

  @Test func aDeflatedStreamIsRefusedByName() {
    // zlib.compress(b"") in Python: one fixed-Huffman block.
    let stream = Self.hex("1c849314 00000008 789c 0300 00000001")
    #expect(throws: HistogramFailure(.compressedBlocks)) { try Histogram(decodingV2Compressed: stream) }
  }

  @Test(arguments: [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071])
  func storedStreamsOfEveryBlockCountAreReadBack(length: Int) throws {
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let stream = ZlibStored.encode(bytes)
    #expect(stream.count == length + 6 + 5 * max((length + 65_534) / 65_535, 1))
    #expect(try ZlibStored.decode(stream[...]) == bytes)
  }

  /// RFC 1950's definition by hand, and the value everybody tests with.
  @Test func adler32() {
    #expect(ZlibStored.adler32([]) == 1)
    #expect(ZlibStored.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 1 << 55, -(1 << 55), (1 << 55) - 1, .max, .min] as [Int64])
  func zigZagNumbersAreReadBack(value: Int64) throws {
    var bytes: [UInt8] = []
    bytes.appendZigZag(value)
    var reader = ByteReader(bytes)
    #expect(try reader.zigZag() == value)
    #expect(reader.remaining == 0)
    #expect(bytes.count <= 9)
  }

  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
