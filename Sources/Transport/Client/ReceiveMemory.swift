/// Buffers for answers, lent to the connections of one event loop while one arrives and is looked at.
///
/// The one given back last is lent first: with answers that are read at once there are few in use, whatever the number of
/// connections, and they stay in the processor's cache. Used by the loop's thread alone.
final class ReceiveMemory {
  /// What a buffer keeps when it is given back, bytes: a gigantic answer is not to leave its size behind. The usual answer
  /// to 500 records has 60 KB.
  private static let kept = 256 << 10

  @exclusivity(unchecked) private var spare: [ByteBuffer] = []

  /// An empty buffer, with the room it grew to in earlier use.
  func take() -> ByteBuffer {
    spare.popLast() ?? ByteBuffer(capacity: 16 << 10)
  }

  /// Takes a buffer back; whoever had it keeps no pointer into it.
  func give(_ buffer: ByteBuffer) {
    buffer.giveBack(beyond: Self.kept)
    spare.append(buffer)
  }
}
