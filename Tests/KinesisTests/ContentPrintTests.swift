import Kinesis
import Testing

/// The 64 bits that stand for a record's content.
@Suite struct ContentPrintTests {
  static func print(_ key: String, _ hashKey: UInt128?, _ data: String) -> UInt64 {
    ContentPrint.of(key: Array(key.utf8), hashKey: hashKey, data: Array(data.utf8))
  }

  /// Pairs that differ in one thing only.
  @Test(arguments: [
    ("where the key ends", ("ab", UInt128?.none, "c"), ("a", UInt128?.none, "bc")),
    ("an empty key's place", ("", nil, "a"), ("a", nil, "")), ("a zero byte of data", ("a", nil, ""), ("a", nil, "\0")),
    ("no hash key or 0", ("a", nil, "b"), ("a", 0, "b")),
    ("the hash key's upper half", ("a", 1 << 64, "b"), ("a", 0, "b")),
    ("the hash key's halves", ("a", 1 << 64, "b"), ("a", 1, "b")),
    ("one bit of data", ("a", nil, "b"), ("a", nil, "c")),
    (
      "the order of blocks", ("a", nil, String(repeating: "x", count: 12) + String(repeating: "y", count: 12)),
      ("a", nil, String(repeating: "y", count: 12) + String(repeating: "x", count: 12))
    ),
  ]) func differ(_ name: String, _ left: (String, UInt128?, String), _ right: (String, UInt128?, String)) {
    #expect(Self.print(left.0, left.1, left.2) != Self.print(right.0, right.1, right.2), "\(name)")
  }

  /// In JSON, where the text is looked at, and in CBOR, where the bytes are.
  @Test(arguments: 0..<40) func bytesAndTheirBase64AreTheSame(_ length: Int) {
    var random = TestRandom(seed: 3)
    let data = random.bytes(length)
    let key = Array("key".utf8)
    let text = Array(Base64.encoded(data).utf8)
    let fromText = key.withUnsafeBytes { key in
      text.withUnsafeBytes { ContentPrint.of(key: key, hashKey: nil, base64: $0) }
    }
    #expect(ContentPrint.of(key: key, hashKey: nil, data: data) == fromText)
  }

  /// Of n prints cut to b bits n^2 / 2^(b + 1) pairs are equal by chance: 2 of 2^17 in either half, Poisson.
  @Test func halvesMeetAsOftenAsChanceHasIt() {
    let prints = (0..<(1 << 17)).map { Self.print("key-\($0 % 1000)", nil, "record \($0)") }
    #expect(Set(prints).count == prints.count)
    for shift in [0, 32] {
      let halves = Set(prints.map { UInt32(truncatingIfNeeded: $0 >> shift) })
      #expect(prints.count - halves.count < 14)
    }
  }
}
