/// Buffers for answers, lent to the connections of one event loop while one arrives and is looked at.
///
/// The one given back last is lent first: with answers that are read at once there are few in use, whatever the number of
/// connections, and they stay in the processor's cache. Used by the loop's thread alone.
final class ReceiveMemory {
  @exclusivity(unchecked) private var spare: [ByteBuffer] = []

  /// An empty buffer, with the room it grew to in earlier use.
  func take() -> ByteBuffer {
    spare.popLast() ?? ByteBuffer(capacity: 16 << 10)
  }

  /// Takes a buffer back; whoever had it keeps no pointer into it.
  func give(_ buffer: ByteBuffer) {
    buffer.count = 0
    spare.append(buffer)
  }
}
