import Kinesis

/// Makes the opaque texts clients hand back (page tokens, shard iterators) so that a forged or damaged one is noticed.
///
/// A token is base64 of a version, a purpose, a keyed digest and the content. The key comes from the seed: nothing here
/// is a secret, the digest only has to tell our tokens from others.
package struct TokenSealer: Sendable {
  /// What a token is for; one kind is never taken for another.
  package enum Purpose: UInt8, Sendable {
    case streams = 1
    case shards = 2
    case iterator = 3
  }

  /// Seven zeros and a one begin every iterator of the service (mhart/kinesalite db/index.js).
  private static let version: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1]
  private static let digestBytes = 16
  /// An iterator is so many bytes, or as many blocks of sixteen longer as its stream's name needs (kinesalite
  /// test/helpers.js, `assertShardIterator`).
  private static let iteratorBytes = 152

  private let key: [UInt8]

  /// - Parameter seed: tokens of another seed are refused.
  package init(seed: UInt64) {
    key = Array("shardmeter token \(seed)".utf8)
  }

  /// The token that carries this content, which holds no NUL.
  package func seal(_ content: String, purpose: Purpose) -> String {
    var payload = [purpose.rawValue] + Array(content.utf8)
    if purpose == .iterator {
      let count = Self.version.count + Self.digestBytes + payload.count
      let whole = max(Self.iteratorBytes, (count - Self.iteratorBytes + 15) / 16 * 16 + Self.iteratorBytes)
      payload += Array(repeating: 0, count: whole - count)
    }
    return Base64Text.encode(Self.version + digest(payload) + payload)
  }

  /// The content of a token of this purpose; nil when it is none of ours.
  package func open(_ token: String, purpose: Purpose) -> String? {
    guard let bytes = try? Base64Text.decode(token) else { return nil }
    let head = Self.version.count + Self.digestBytes
    guard bytes.count > head, Array(bytes[..<Self.version.count]) == Self.version else { return nil }
    let payload = Array(bytes[head...])
    guard payload[0] == purpose.rawValue, digest(payload) == Array(bytes[Self.version.count..<head]) else { return nil }
    let content = payload[1...].prefix { $0 != 0 }
    return String(validating: content, as: UTF8.self)
  }

  private func digest(_ payload: [UInt8]) -> [UInt8] {
    let hash = (key + payload).withUnsafeBytes { PartitionKeyHash.md5($0) }
    return (0..<Self.digestBytes).map { UInt8(truncatingIfNeeded: hash >> UInt128(8 * $0)) }
  }
}
