extension KeyCatalog {
  /// Generated keys that are put together in two words: at most eight bytes of prefix, nothing to escape, eight digits.
  ///
  /// A plain value, so that a loop over records neither looks a space up nor counts references.
  struct ShortKeys: Sendable {
    /// The id of number 0.
    private let base: UInt64
    /// How many numbers are written this way; 0 where the naming is another.
    private let count: UInt64
    /// The prefix, first byte lowest.
    private let prefix: UInt64
    private let prefixLength: Int

    /// The keys of a space, or none.
    init(_ space: Space?) {
      let prefix = space?.prefix ?? []
      let isShort = space.map { $0.digits == 8 && prefix.count <= 8 && $0.escapedPrefix == prefix } ?? false
      base = space?.base ?? 0
      count = isShort ? min(space?.count ?? .max, 100_000_000) : 0
      self.prefix = prefix.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
      prefixLength = prefix.count
    }

    /// Writes a key, as it stands in JSON strings too, and returns its length; nil for any other key.
    @inline(__always)
    func write(_ id: UInt64, to destination: UnsafeMutablePointer<UInt8>) -> Int? {
      let number = id &- base
      guard number < count else { return nil }
      // What the prefix writes too much the digits overwrite.
      let target = UnsafeMutableRawPointer(destination)
      target.storeBytes(of: prefix.littleEndian, as: UInt64.self)
      target.storeBytes(of: Self.eightDigits(number).littleEndian, toByteOffset: prefixLength, as: UInt64.self)
      return prefixLength &+ 8
    }

    /// The eight decimal digits of a number below 10^8 as ASCII, first digit in the lowest byte: pairs and digits are
    /// split in parallel by multiplying with reciprocals (P. Khuong, "How to print integers really fast", 2017).
    @inline(__always)
    private static func eightDigits(_ number: UInt64) -> UInt64 {
      let halves = number / 10_000 | (number % 10_000) << 32
      let hundreds = ((halves &* 10_486) >> 20) & 0x7F_0000_007F
      let pairs = (halves &- 100 &* hundreds) << 16 | hundreds
      let tens = ((pairs &* 103) >> 10) & 0x000F_000F_000F_000F
      return ((pairs &- 10 &* tens) << 8 | tens) | 0x3030_3030_3030_3030
    }
  }
}
