import Measurement

/// Why bytes are not what a journal's entry or header should be.
package struct JournalFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// What can be written into a journal and read back the same.
protocol JournalCodable {
  func encode(to bytes: inout JournalBytes)
  init(from cursor: inout JournalCursor) throws(JournalFailure)
}

/// Bytes being written: numbers as LEB128, seven bits a byte from the least significant up, so that small ones are short.
package struct JournalBytes {
  package internal(set) var bytes: [UInt8] = []

  package init() {}

  /// A number that is not negative.
  package mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Any number, its sign folded into bit 0.
  package mutating func append(_ value: Int64) { append(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }
  package mutating func append(_ value: Int) { append(Int64(value)) }
  package mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }
  /// To the bit.
  package mutating func append(_ value: Double) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift)) }
  }
  package mutating func append(_ value: UInt128) {
    append(UInt64(truncatingIfNeeded: value >> 64))
    append(UInt64(truncatingIfNeeded: value))
  }
  package mutating func append(_ text: String) { append(Array(text.utf8)) }
  /// A length and so many bytes.
  package mutating func append(_ raw: [UInt8]) {
    append(UInt64(raw.count))
    bytes += raw
  }
  /// Whether there is a value, and the value.
  package mutating func append<Value>(_ value: Value?, _ one: (inout JournalBytes, Value) -> Void) {
    append(value != nil)
    if let value { one(&self, value) }
  }
  /// A length and so many values.
  package mutating func append<Values: Collection>(
    _ values: Values, _ one: (inout JournalBytes, Values.Element) -> Void
  ) {
    append(UInt64(values.count))
    for value in values { one(&self, value) }
  }
  /// Numbers of which most are 0: one bit for each tells which are not, then those.
  mutating func append(sparse values: [Int]) {
    var mask: UInt64 = 0
    for (offset, value) in values.enumerated() where value != 0 { mask |= 1 << UInt64(offset) }
    append(mask)
    for value in values where value != 0 { append(Int64(value)) }
  }
  /// A histogram whose layout both sides know: its buckets with values, each as the distance from the last one and the
  /// count.
  mutating func append(_ histogram: Histogram) {
    append(UInt64(histogram.usedBuckets))
    var last = 0
    histogram.forEachUsedBucket { bucket, count in
      append(UInt64(bucket - last))
      append(UInt64(count))
      last = bucket
    }
  }
}

/// Reads what `JournalBytes` wrote; every length and number is checked, since a file may have been spoilt.
package struct JournalCursor {
  private let bytes: ArraySlice<UInt8>
  private var offset: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  package var isAtEnd: Bool { offset == bytes.endIndex }

  private mutating func byte() throws(JournalFailure) -> UInt8 {
    guard offset < bytes.endIndex else { throw JournalFailure("it ends too early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  package mutating func unsigned() throws(JournalFailure) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw JournalFailure("a number is too large") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw JournalFailure("a number is too long")
  }

  package mutating func signed() throws(JournalFailure) -> Int64 {
    let folded = try unsigned()
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }

  /// An instant or a length of time in nanoseconds, which can be added to any other: at most 36 years either way.
  package mutating func time() throws(JournalFailure) -> Int64 {
    let value = try signed()
    guard value.magnitude <= 1 << 60 else { throw JournalFailure("\(value) ns is no time of a run") }
    return value
  }

  /// A count that a second can have: so many of them add up without overflow as fit into a file.
  package mutating func int() throws(JournalFailure) -> Int {
    let value = try signed()
    guard value.magnitude <= Self.largestCount else { throw JournalFailure("\(value) is beyond every count") }
    return Int(value)
  }

  private static let largestCount: UInt64 = 1 << 40

  /// A number of things, which is never below 0.
  static func count(_ number: Int) throws(JournalFailure) -> Int {
    guard number >= 0 else { throw JournalFailure("a count is \(number)") }
    return number
  }

  /// A number within a range that the format knows.
  package mutating func int(in range: Range<Int>, _ what: String) throws(JournalFailure) -> Int {
    let value = try signed()
    guard range.contains(Int(value)) else { throw JournalFailure("\(what) \(value) is not in \(range)") }
    return Int(value)
  }

  package mutating func bool() throws(JournalFailure) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    case let other: throw JournalFailure("\(other) is neither yes nor no")
    }
  }

  package mutating func double() throws(JournalFailure) -> Double {
    var pattern: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) { pattern |= UInt64(try byte()) << shift }
    return Double(bitPattern: pattern)
  }

  package mutating func wide() throws(JournalFailure) -> UInt128 {
    let high = UInt128(try unsigned())
    return high << 64 | UInt128(try unsigned())
  }

  package mutating func raw() throws(JournalFailure) -> [UInt8] {
    let count = try unsigned()
    guard count <= UInt64(bytes.endIndex - offset) else { throw JournalFailure("it ends too early") }
    defer { offset += Int(count) }
    return Array(bytes[offset..<offset + Int(count)])
  }

  package mutating func string() throws(JournalFailure) -> String { String(decoding: try raw(), as: UTF8.self) }

  package mutating func optional<Value>(
    _ one: (inout JournalCursor) throws(JournalFailure) -> Value
  ) throws(JournalFailure) -> Value? {
    try bool() ? try one(&self) : nil
  }

  package mutating func array<Value>(
    _ one: (inout JournalCursor) throws(JournalFailure) -> Value
  ) throws(JournalFailure) -> [Value] {
    let count = try unsigned()
    // Each takes a byte at least: a spoilt length must not make room for what cannot be there.
    guard count <= UInt64(bytes.endIndex - offset) else { throw JournalFailure("it ends too early") }
    var values: [Value] = []
    values.reserveCapacity(Int(count))
    for _ in 0..<count { values.append(try one(&self)) }
    return values
  }

  mutating func sparse(_ count: Int) throws(JournalFailure) -> [Int] {
    let mask = try unsigned()
    guard mask >> UInt64(count) == 0 else { throw JournalFailure("there are more counters than known") }
    var values = [Int](repeating: 0, count: count)
    for offset in 0..<count where mask >> UInt64(offset) & 1 == 1 { values[offset] = try int() }
    return values
  }

  mutating func histogram(_ empty: Histogram) throws(JournalFailure) -> Histogram {
    var histogram = empty
    let used = try unsigned()
    var bucket: UInt64 = 0
    for _ in 0..<used {
      let (next, overflow) = bucket.addingReportingOverflow(try unsigned())
      let count = try unsigned()
      guard !overflow, count <= Self.largestCount, histogram.add(count, bucket: next),
        histogram.count <= Self.largestCount
      else { throw JournalFailure("a histogram is not one") }
      bucket = next
    }
    return histogram
  }
}

/// CRC-32C (Castagnoli; RFC 3720, section 12.1): every change of up to 32 bits in a row is found, and every one of up to
/// three single bits in what an entry can hold. A hash of a table's make would be faster and promise neither.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    var value = UInt32(index)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    return value
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let table = table
    var value = UInt32.max
    for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8 }
    return ~value
  }
}
