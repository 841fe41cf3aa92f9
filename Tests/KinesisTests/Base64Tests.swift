import Kinesis
import Testing

@Suite struct Base64Tests {
  static let pad = UInt8(ascii: "=")

  func encode(_ data: [UInt8]) -> [UInt8] {
    let count = Base64.encodedLength(of: data.count)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress { data.withUnsafeBytes { Base64.encode($0, to: start) } }
      initialized = count
    }
  }

  /// RFC 4648 section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func theVectorsOfRFC4648(_ data: String, _ text: String) {
    #expect(encode(Array(data.utf8)) == Array(text.utf8))
    var decoded: [UInt8] = []
    Array(text.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) }
    #expect(decoded == Array(data.utf8))
  }

  @Test func everyLengthComesBack() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    for length in 0...200 {
      let data = random.bytes(length)
      let text = encode(data)
      #expect(text.withUnsafeBytes { Base64.check($0) }, "seed \(seed)")
      var decoded: [UInt8] = []
      text.withUnsafeBytes { Base64.decode($0, into: &decoded) }
      #expect(decoded == data, "seed \(seed)")
    }
  }
}
