import Kinesis

/// Makes the opaque texts clients hand back (page tokens, shard iterators) so that a forged or damaged one is noticed.
///
/// A token is base64 of a version, a keyed digest (HMAC-SHA-256, its first half), a purpose and the content. The key is
/// drawn when the endpoint starts: whoever knows its seed can predict its behaviour, and still make no token.
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

  private let code: HMACSHA256

  /// - Parameter key: tokens sealed with another key are refused.
  package init(key: [UInt8]) {
    code = key.withUnsafeBytes { HMACSHA256(key: $0) }
  }

  /// A key that nobody can guess: 32 bytes of the kernel's (getrandom(2), through Swift's generator).
  package static func randomKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The token that carries this content, which holds no NUL.
  package func seal(_ content: String, purpose: Purpose) -> String {
    var payload = [purpose.rawValue] + Array(content.utf8)
    if purpose == .iterator {
      let count = Self.version.count + Self.digestBytes + payload.count
      let whole = max(Self.iteratorBytes, (count - Self.iteratorBytes + 15) / 16 * 16 + Self.iteratorBytes)
      payload += Array(repeating: 0, count: whole - count)
    }
    return Base64.encoded(Self.version + digest(payload) + payload)
  }

  /// The content of a token of this purpose; nil when it is none of ours.
  package func open(_ token: String, purpose: Purpose) -> String? {
    guard Base64.message(for: token) == nil else { return nil }
    let bytes = Base64.decoded(token)
    let head = Self.version.count + Self.digestBytes
    guard bytes.count > head, Array(bytes[..<Self.version.count]) == Self.version else { return nil }
    let payload = Array(bytes[head...])
    guard Self.isEqual(digest(payload), bytes[Self.version.count..<head]), payload.first == purpose.rawValue else {
      return nil
    }
    let content = payload[1...].prefix { $0 != 0 }
    return String(validating: content, as: UTF8.self)
  }

  private func digest(_ payload: [UInt8]) -> [UInt8] {
    var code = code
    payload.withUnsafeBytes { code.update($0) }
    return code.finish().withBytes { Array($0.prefix(Self.digestBytes)) }
  }

  /// Whether two digests are the same, in a time that does not tell where they differ.
  private static func isEqual(_ left: [UInt8], _ right: ArraySlice<UInt8>) -> Bool {
    left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | $1.0 ^ $1.1 } == 0
  }
}
