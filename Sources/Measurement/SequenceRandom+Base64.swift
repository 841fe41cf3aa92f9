extension SequenceRandom {
  /// Writes the base64 text of `byteCount` fresh random bytes to `target`, padding included, and returns its length,
  /// 4 x ceil(byteCount / 3). Writes nothing beyond it.
  ///
  /// The text is made straight from random 6-bit groups, without the bytes it stands for. It is canonical (RFC 4648
  /// section 3.5: the unused bits of the last group are zero), so a strict decoder accepts it.
  @inlinable
  @discardableResult
  public mutating func writeBase64(ofByteCount byteCount: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
    let length = (byteCount + 2) / 3 * 4
    writeWords(count: length, to: target)
    // Before the bits become characters: afterwards it would take branches on random values, which no processor foresees.
    switch byteCount % 3 {
    case 1:
      // 2 of 12 bits are the byte's: the second character is one of A, Q, g, w.
      target[length - 3] &= 0x30
    case 2:
      // The third character's low two bits are unused.
      target[length - 2] &= 0x3C
    default:
      break
    }
    writeCharacters(count: length, over: target)
    if byteCount % 3 != 0 { target[length - 1] = 0x3D }
    if byteCount % 3 == 1 { target[length - 2] = 0x3D }
    return length
  }

  /// Writes `count` random characters of the base64 alphabet (A-Z a-z 0-9 + /) to `target`.
  ///
  /// Eight from each random word, by arithmetic on all bytes of four words at once. First the words are written and then
  /// turned into characters: the multiplications of the generator are scalar, and mixing the two costs half as much again.
  /// (Vectors of bytes are no good for this: the standard library compares and replaces them lane by lane, 3 µs for 136
  /// characters where this takes 0.035.)
  @inlinable
  public mutating func writeBase64Alphabet(count: Int, to target: UnsafeMutablePointer<UInt8>) {
    writeWords(count: count, to: target)
    writeCharacters(count: count, over: target)
  }

  /// Writes `count` random bytes.
  @inlinable
  mutating func writeWords(count: Int, to target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    var offset = 0
    while offset &+ 8 <= count {
      raw.storeBytes(of: next().littleEndian, toByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    if offset < count {
      var last = next()
      while offset < count {
        target[offset] = UInt8(truncatingIfNeeded: last)
        last >>= 8
        offset &+= 1
      }
    }
  }

  /// Replaces each of `count` bytes by the character of its low six bits.
  @inlinable
  func writeCharacters(count: Int, over target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    var offset = 0
    while offset &+ 32 <= count {
      let words = raw.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      raw.storeBytes(of: base64Characters(words), toByteOffset: offset, as: SIMD4<UInt64>.self)
      offset &+= 32
    }
    while offset &+ 8 <= count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      raw.storeBytes(of: base64Characters(SIMD2(word, 0)).x, toByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    while offset < count {
      target[offset] = UInt8(truncatingIfNeeded: base64Characters(SIMD2(UInt64(target[offset]), 0)).x)
      offset &+= 1
    }
  }

  /// The character of the base64 alphabet for the low six bits of each byte. The order of bytes does not matter.
  @inlinable
  @inline(__always)
  func base64Characters<Words: SIMD>(_ words: Words) -> Words where Words.Scalar == UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let groups = words & Words(repeating: 0x3F &* ones)
    // 1 in each byte whose group is at least `bound`: its sum with 128 - bound reaches the byte's top bit.
    func atLeast(_ bound: UInt64) -> Words {
      ((groups &+ Words(repeating: (128 &- bound) &* ones)) &>> Words(repeating: 7)) & Words(repeating: ones)
    }
    func times(_ words: Words, power: UInt64) -> Words { words &<< Words(repeating: power) }
    let small = atLeast(26)
    let digit = atLeast(52)
    let plus = atLeast(62)
    let slash = atLeast(63)
    // Each range of the alphabet begins at another distance from its group number: add the differences in turn. No
    // byte ever leaves 0...255, so none disturbs its neighbour.
    let letters = groups &+ Words(repeating: 0x41 &* ones)  // 0-25: A-Z
    let six = times(small, power: 2) &+ times(small, power: 1)  // 26-51: a-z
    let seventyFive = times(digit, power: 6) &+ times(digit, power: 3) &+ times(digit, power: 1) &+ digit  // 52-61: 0-9
    let fifteen = times(plus, power: 4) &- plus  // 62: +
    let three = times(slash, power: 1) &+ slash  // 63: /
    return letters &+ six &+ three &- seventyFive &- fifteen
  }
}
