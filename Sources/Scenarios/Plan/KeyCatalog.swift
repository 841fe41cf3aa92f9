import Kinesis
import StrictJSON

/// Every partition key of a plan, by number. A key string has one id, whichever phases and kinds use it.
package struct KeyCatalog: Sendable {
  /// Generated keys of one naming: prefix and number.
  struct Space: Sendable {
    let naming: KeyNaming
    let base: UInt64
    /// `nil`: every record has a key of its own.
    let count: UInt64?
    let prefix: [UInt8]
    let escapedPrefix: [UInt8]
    let digits: Int
    /// Numbers from here on need more digits than the naming has.
    let overflow: UInt64

    /// UTF-8 bytes of a key by its number.
    @inline(__always)
    func length(of number: UInt64) -> Int {
      number < overflow ? prefix.count + digits : prefix.count + String(number).utf8.count
    }
  }

  /// Unbounded spaces lie this far apart.
  private static let stride: UInt64 = 1 << 56

  private let named: TextTable
  /// The same as they stand in JSON strings; `nil` when no name has a character to escape.
  private let escapedNames: TextTable?
  private let namedBase: UInt64
  let spaces: [Space]
  /// Those of the first space that are short.
  private let short: ShortKeys

  /// How many different keys there may be; `nil` when every record has one of its own. Ids are below it.
  package let count: UInt64?
  /// UTF-8 bytes of the longest key.
  package let maximumKeyBytes: Int
  /// Bytes of the longest key as it stands in a JSON string.
  let maximumEscapedBytes: Int

  /// Collects the keys of all kinds of all phases.
  init(rules: [KeyRule]) {
    var naming: [(naming: KeyNaming, count: UInt64?)] = []
    for rule in rules {
      guard let generated = rule.generatedKeys else { continue }
      if let index = naming.firstIndex(where: { $0.naming == generated.naming }) {
        naming[index].count = naming[index].count.flatMap { old in generated.count.map { max(old, $0) } }
      } else {
        naming.append((generated.naming, generated.count))
      }
    }
    // Bounded spaces first: their ids are dense, so that counters may be arrays.
    var base: UInt64 = 0
    var spaces: [Space] = []
    for (name, count) in naming {
      guard let count else { continue }
      spaces.append(Self.space(name, base: base, count: count))
      base += count
    }
    var unbounded: UInt64 = 0
    for (name, count) in naming where count == nil {
      unbounded += 1
      spaces.append(Self.space(name, base: unbounded * Self.stride, count: nil))
    }
    // A trace's own numbers of its keys stand: it is the only source of keys then.
    var names =
      rules.lazy.compactMap { if case .trace(let window) = $0 { window.trace.texts } else { nil } }.first
      ?? TextTable()
    for var name in rules.flatMap(\.namedKeys) where Self.number(of: name, in: spaces) == nil {
      _ = name.withUTF8 { names.insert(UnsafeRawBufferPointer($0)) }
    }
    namedBase = base
    base += UInt64(names.count)
    self.spaces = spaces
    short = ShortKeys(spaces.first)
    named = names
    escapedNames = Self.escaped(names)
    count = unbounded > 0 ? nil : base
    let longestNumber = { (space: Space) in space.count.map { space.length(of: $0 - 1) } ?? (space.prefix.count + 20) }
    maximumKeyBytes = max(names.longest, spaces.map(longestNumber).max() ?? 0)
    maximumEscapedBytes = max(
      (escapedNames ?? names).longest,
      spaces.map { longestNumber($0) - $0.prefix.count + $0.escapedPrefix.count }.max() ?? 0)
  }

  /// The texts as they stand in JSON strings, when that differs. O(bytes).
  private static func escaped(_ names: TextTable) -> TextTable? {
    var escaped = TextTable()
    var room = [UInt8](repeating: 0, count: 6 * names.longest)
    room.withUnsafeMutableBytes { room in
      guard let start = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      for index in 0..<names.count {
        let length = names.withBytes(of: index) { JSONStringEscaping.escape($0, to: start) }
        escaped.append(UnsafeRawBufferPointer(start: start, count: length))
      }
    }
    return escaped.byteCount == names.byteCount ? nil : escaped
  }

  private static func space(_ naming: KeyNaming, base: UInt64, count: UInt64?) -> Space {
    var overflow: UInt64 = 1
    for _ in 0..<min(naming.digits, 19) { overflow *= 10 }
    return Space(
      naming: naming, base: base, count: count, prefix: Array(naming.prefix.utf8),
      escapedPrefix: JSONStringEscaping.escaped(naming.prefix), digits: naming.digits,
      overflow: naming.digits > 19 ? .max : overflow)
  }

  /// The id of a key string that one of the spaces would generate.
  private static func number(of key: String, in spaces: [Space]) -> UInt64? {
    let bytes = Array(key.utf8)
    for space in spaces where bytes.starts(with: space.prefix) {
      let digits = bytes.dropFirst(space.prefix.count)
      guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = UInt64(String(decoding: digits, as: UTF8.self)), number < space.count ?? stride,
        space.length(of: number) == bytes.count
      else { continue }
      return space.base + number
    }
    return nil
  }

  /// The id of a key string that a rule of the plan names or can generate.
  package func id(of key: String) -> UInt64 {
    if let number = Self.number(of: key, in: spaces) { return number }
    var key = key
    guard let position = key.withUTF8({ named.index(of: UnsafeRawBufferPointer($0)) }) else {
      preconditionFailure("a key outside the plan")
    }
    return id(ofName: position)
  }

  /// The id of a named key by its number.
  func id(ofName number: Int) -> UInt64 { namedBase + UInt64(number) }

  /// The space of generated keys with a naming.
  func space(of naming: KeyNaming) -> Space {
    guard let space = spaces.first(where: { $0.naming == naming }) else {
      preconditionFailure("a naming that was not collected")
    }
    return space
  }

  /// Whether a key is one of those of which every record has its own.
  package func isUnbounded(_ id: UInt64) -> Bool { spaceIndex(of: id).map { spaces[$0].count == nil } ?? false }

  /// Whether a key's name was made up: prefix and number, not a name of the scenario or of a trace.
  package func isGenerated(_ id: UInt64) -> Bool { spaceIndex(of: id) != nil }

  @inline(__always)
  private func spaceIndex(of id: UInt64) -> Int? {
    for index in spaces.indices {
      let low = spaces[index].base
      if id >= low, id - low < spaces[index].count ?? Self.stride { return index }
    }
    return nil
  }

  /// Writes a key's UTF-8 bytes.
  ///
  /// - Parameter destination: room for `maximumKeyBytes`.
  /// - Returns: how many bytes were written.
  package func write(_ id: UInt64, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    if let length = short.write(id, to: destination) { return length }
    if let index = spaceIndex(of: id) {
      return Self.write(
        id - spaces[index].base, prefix: spaces[index].prefix, digits: spaces[index].digits, destination)
    }
    return named.write(Int(id - namedBase), to: destination)
  }

  /// Writes a key as it stands between the quotes of a JSON string; room for `maximumEscapedBytes`.
  @inline(__always)
  func writeEscaped(_ id: UInt64, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    short.write(id, to: destination) ?? writeLongEscaped(id, to: destination)
  }

  private func writeLongEscaped(_ id: UInt64, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    if let index = spaceIndex(of: id) {
      return Self.write(
        id - spaces[index].base, prefix: spaces[index].escapedPrefix, digits: spaces[index].digits, destination)
    }
    return (escapedNames ?? named).write(Int(id - namedBase), to: destination)
  }

  /// UTF-8 bytes of a key.
  package func length(of id: UInt64) -> Int {
    if let index = spaceIndex(of: id) { return spaces[index].length(of: id - spaces[index].base) }
    return named.length(of: Int(id - namedBase))
  }

  /// A key's UTF-8 bytes.
  package func bytes(of id: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length(of: id)) { buffer, count in
      if let start = buffer.baseAddress { count = write(id, to: start) }
    }
  }

  /// A key's hash: where it lies in the hash-key space.
  package func hash(of id: UInt64) -> UInt128 {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumKeyBytes) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      let length = write(id, to: start)
      return PartitionKeyHash.md5(UnsafeRawBufferPointer(start: start, count: length))
    }
  }

  @inline(__always)
  private static func copy(_ bytes: [UInt8], to destination: UnsafeMutablePointer<UInt8>) -> Int {
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { destination.update(from: start, count: source.count) }
      return source.count
    }
  }

  @inline(__always)
  private static func write(
    _ number: UInt64, prefix: [UInt8], digits: Int, _ destination: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let start = copy(prefix, to: destination)
    var rest = number
    var width = digits
    var power = number / 10
    var needed = 1
    while power > 0 {
      power /= 10
      needed += 1
    }
    width = max(width, needed)
    for position in Swift.stride(from: start + width - 1, through: start, by: -1) {
      destination[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    return start + width
  }
}
