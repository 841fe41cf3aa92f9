/// Tells records apart by their content: partition key, explicit hash key and data, in 64 bits.
///
/// Two records of different content have the same print by chance only: of 16 million different ones some pair does with a
/// probability of 1 in 130,000. Nobody is kept from making such a pair on purpose.
package struct ContentPrint: Sendable {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  private init() {}

  /// The print of a record. O(bytes), without allocation.
  ///
  /// - Parameters:
  ///   - key: the partition key in UTF-8.
  ///   - hashKey: the explicit hash key.
  ///   - data: the data in base64, with padding.
  package static func of(
    key: UnsafeRawBufferPointer, hashKey: UInt128?, base64 data: UnsafeRawBufferPointer
  ) -> UInt64 {
    var print = ContentPrint()
    print.mix(key)
    if let hashKey {
      print.mix(UInt64(truncatingIfNeeded: hashKey), UInt64(truncatingIfNeeded: hashKey >> 64))
    }
    print.mix(data)
    return print.finished(hashKey == nil ? 0 : 1)
  }

  /// The print of a record that was not written as JSON; the same as of the same record in JSON.
  package static func of(key: [UInt8], hashKey: UInt128?, data: [UInt8]) -> UInt64 {
    var text = [UInt8](repeating: 0, count: Base64.encodedLength(of: data.count))
    return text.withUnsafeMutableBufferPointer { text in
      if let start = text.baseAddress { data.withUnsafeBytes { Base64.encode($0, to: start) } }
      return key.withUnsafeBytes { of(key: $0, hashKey: hashKey, base64: UnsafeRawBufferPointer(text)) }
    }
  }

  /// Takes in some bytes and how many they are, so that what ends one part and begins the next matters.
  private mutating func mix(_ bytes: UnsafeRawBufferPointer) {
    var index = 0
    while index + 16 <= bytes.count {
      mix(
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: index + 8, as: UInt64.self))
      index += 16
    }
    var rest: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &rest) { room in
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[index...]))
    }
    mix(rest.0, rest.1)
    mix(UInt64(bytes.count), 0)
  }

  /// One step of wyhash (Wang Yi 2019): the two halves of a 128-bit product, folded.
  private mutating func mix(_ first: UInt64, _ second: UInt64) {
    let product = (first ^ state).multipliedFullWidth(by: second ^ 0xA076_1D64_78BD_642F)
    state = product.high ^ product.low ^ 0xE703_7ED1_A0B4_28DB
  }

  private func finished(_ kind: UInt64) -> UInt64 {
    let product = (state ^ kind).multipliedFullWidth(by: 0x8EBC_6AF0_9C88_C6E3)
    return product.high ^ product.low
  }
}
