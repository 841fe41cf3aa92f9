/// A fast sequential generator for bulk bytes, seeded from a `CounterRandom` so that record i's payload depends on
/// nothing but the record.
///
/// wyrand (Wang Yi, https://github.com/wangyi-fudan/wyhash, public domain): one addition and one full multiplication
/// per 64 bits, and consecutive words do not wait for each other's multiplication. It passes BigCrush and PractRand;
/// it is not for secrets.
public struct SequenceRandom: Sendable {
  @usableFromInline var state: UInt64

  /// The generator of `index` in the family `random`.
  @inlinable
  public init(_ random: CounterRandom, _ index: UInt64) {
    state = random.bits(index).0
  }

  /// The generator with the given state.
  @inlinable
  public init(state: UInt64) {
    self.state = state
  }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0xA076_1D64_78BD_642F
    let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}

extension SequenceRandom: RandomNumberGenerator {}

extension SequenceRandom {
  /// Writes the base64 text of `byteCount` fresh random bytes to `target`, padding included, and returns its length,
  /// 4 x ceil(byteCount / 3). Writes nothing beyond it.
  ///
  /// The text is made straight from random 6-bit groups, without the bytes it stands for. It is canonical (RFC 4648
  /// section 3.5: the unused bits of the last group are zero), so a strict decoder accepts it.
  ///
  /// Eight characters come from each random word, by arithmetic on 16 bytes at once. First the words are written and then
  /// turned into characters: the multiplications of the generator are scalar, and mixing the two costs a third as much
  /// again.
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

  /// Writes `count` random bytes.
  @inlinable
  mutating func writeWords(count: Int, to target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    var words = self
    var offset = 0
    while offset &+ 32 <= count {
      raw.storeBytes(of: words.next().littleEndian, toByteOffset: offset, as: UInt64.self)
      raw.storeBytes(of: words.next().littleEndian, toByteOffset: offset &+ 8, as: UInt64.self)
      raw.storeBytes(of: words.next().littleEndian, toByteOffset: offset &+ 16, as: UInt64.self)
      raw.storeBytes(of: words.next().littleEndian, toByteOffset: offset &+ 24, as: UInt64.self)
      offset &+= 32
    }
    while offset &+ 8 <= count {
      raw.storeBytes(of: words.next().littleEndian, toByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    if offset < count {
      var last = words.next()
      while offset < count {
        target[offset] = UInt8(truncatingIfNeeded: last)
        last >>= 8
        offset &+= 1
      }
    }
    self = words
  }

  /// Replaces each of `count` bytes by the character of its low six bits.
  @inlinable
  func writeCharacters(count: Int, over target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    guard count >= 16 else {
      for offset in 0..<count {
        target[offset] = UInt8(bitPattern: base64Characters(SIMD16(repeating: Int8(bitPattern: target[offset])))[0])
      }
      return
    }
    // The last 16 bytes overlap the block before them, so they are read before that is replaced.
    let last = count &- 16
    let tail = base64Characters(raw.loadUnaligned(fromByteOffset: last, as: SIMD16<Int8>.self))
    var offset = 0
    while offset < last {
      let bytes = raw.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
      raw.storeBytes(of: base64Characters(bytes), toByteOffset: offset, as: SIMD16<Int8>.self)
      offset &+= 16
    }
    raw.storeBytes(of: tail, toByteOffset: last, as: SIMD16<Int8>.self)
  }

  /// The character of the base64 alphabet for the low six bits of each byte.
  @inlinable
  @inline(__always)
  func base64Characters(_ bytes: SIMD16<Int8>) -> SIMD16<Int8> {
    let groups = bytes & SIMD16(repeating: 0x3F)
    // Each range of the alphabet begins at another distance from its group number: add the differences in turn.
    // 0-25: A-Z, 26-51: a-z, 52-61: 0-9, 62: +, 63: /
    var characters = groups &+ SIMD16(repeating: 0x41)
    characters &+= whole(groups .> SIMD16(repeating: 25)) & SIMD16(repeating: 6)
    characters &+= whole(groups .> SIMD16(repeating: 51)) & SIMD16(repeating: -75)
    characters &+= whole(groups .> SIMD16(repeating: 61)) & SIMD16(repeating: -15)
    characters &+= whole(groups .> SIMD16(repeating: 62)) & SIMD16(repeating: 3)
    return characters
  }

  /// A comparison's outcome as bytes: all ones where it holds, else 0, which is how a mask is stored. Choosing by the mask
  /// itself goes lane by lane in the standard library: 3 µs for 136 characters where this takes 0.01.
  @inlinable
  @inline(__always)
  func whole(_ mask: SIMDMask<SIMD16<Int8>>) -> SIMD16<Int8> {
    unsafeBitCast(mask, to: SIMD16<Int8>.self)
  }
}
