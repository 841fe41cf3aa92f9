import Measurement

/// Spoils inputs, the same way for the same seed: what a fuzzer does, without feedback.
package struct Mutator {
  private var random: SequenceRandom
  /// Byte strings worth inserting: the tokens of the format and the numbers at its edges.
  private let tokens: [[UInt8]]

  package init(seed: UInt64, tokens: [[UInt8]]) {
    random = SequenceRandom(state: seed)
    self.tokens = tokens
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }

  /// A sorted pair of places in an input.
  private mutating func range(in bytes: [UInt8]) -> Range<Int> {
    let (first, second) = (below(bytes.count + 1), below(bytes.count + 1))
    return min(first, second)..<max(first, second)
  }

  /// One of the seeds after one to eight changes; at most 64 KiB.
  package mutating func input(from seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds[below(seeds.count)]
    for _ in 0...below(8) { change(&bytes, seeds) }
    return Array(bytes.prefix(64 << 10))
  }

  /// A number below a bound, for choices about how an input is used.
  package mutating func choice(_ bound: Int) -> Int { below(bound) }

  private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
    let position = below(bytes.count + 1)
    switch below(9) {
    case 0 where !bytes.isEmpty: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
    case 1 where !bytes.isEmpty: bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes.removeSubrange(range(in: bytes))
    case 3: bytes.insert(contentsOf: tokens[below(tokens.count)], at: position)
    case 4: bytes.insert(contentsOf: bytes[range(in: bytes)].prefix(4096), at: position)
    case 5: bytes.removeSubrange(position...)
    case 6:
      let other = seeds[below(seeds.count)]
      bytes.replaceSubrange(range(in: bytes), with: other[range(in: other)])
    case 7:
      bytes.insert(
        contentsOf: Array(repeating: UInt8(truncatingIfNeeded: random.next()), count: below(300)), at: position)
    default:
      let token = tokens[below(tokens.count)]
      let end = min(bytes.count, position + token.count)
      bytes.replaceSubrange(position..<end, with: token)
    }
  }
}
