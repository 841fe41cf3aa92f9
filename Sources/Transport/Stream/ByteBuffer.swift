import Glibc
import Measurement

/// Contiguous memory that grows and is used again: what has been received, or what is to be sent. Not Sendable.
package final class ByteBuffer {
  /// The first byte. Changes when the buffer grows.
  @exclusivity(unchecked) package private(set) var base: UnsafeMutablePointer<UInt8>
  /// How many bytes fit.
  @exclusivity(unchecked) package private(set) var capacity: Int
  /// How many bytes, from the first on, mean something.
  @exclusivity(unchecked) package var count = 0

  /// An empty buffer with room for so many bytes.
  package init(capacity: Int) {
    precondition(capacity > 0, "a buffer needs room")
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// What it holds.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// The unused part behind what it holds.
  package var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count)
  }

  /// Makes room for so many bytes behind those held, at least doubling when it grows.
  package func reserve(_ additional: Int) {
    if capacity - count >= additional { return }
    grow(to: max(count + additional, 2 * capacity))
  }

  /// Makes room for so many bytes in all.
  package func reserve(total: Int) {
    if capacity >= total { return }
    grow(to: total)
  }

  /// Empties the buffer, and lets go of what it has beyond so many bytes.
  func giveBack(beyond kept: Int) {
    count = 0
    if capacity <= kept { return }
    base.deallocate()
    base = .allocate(capacity: kept)
    capacity = kept
  }

  /// Adds bytes at the end.
  package func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    memcpy(base + count, source, bytes.count)
    count += bytes.count
  }

  /// Adds the UTF-8 of a literal at the end.
  package func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds the UTF-8 of a text at the end.
  package func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Adds a number that is not negative in decimal at the end, without a `String` on the way.
  package func append(decimal value: Int) {
    precondition(value >= 0, "only numbers from 0 on are written")
    reserve(20)
    count += DecimalDigits.write(UInt64(value), to: base + count)
  }

  /// Drops so many bytes at the start; the rest moves down.
  package func removeFirst(_ dropped: Int) {
    precondition(dropped <= count, "a buffer cannot lose more than it has")
    if dropped == 0 { return }
    memmove(base, base + dropped, count - dropped)
    count -= dropped
  }

  /// Moves what lies from an offset on further back, by so many bytes whose contents are then arbitrary.
  func insertGap(_ size: Int, at offset: Int) {
    precondition(offset <= count, "a gap begins inside the buffer")
    reserve(size)
    memmove(base + offset + size, base + offset, count - offset)
    count += size
  }

  private func grow(to size: Int) {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    memcpy(larger, base, count)
    base.deallocate()
    base = larger
    capacity = size
  }
}
