/// The connections of one worker as its engine sees them: numbered slots that carry one request each.
///
/// The real ones are sockets in an event loop (`SocketChannels`); tests script them. Outcomes come back through the
/// engine's `channelOpened`, `answered` and `failed`.
package protocol RequestChannels: AnyObject {
  /// How many slots there are, at least 1.
  var count: Int { get }
  /// Starts to connect a slot; the outcome comes later.
  func open(_ slot: Int)
  /// Starts to send one request on an open slot.
  ///
  /// - Returns: whether the bytes are no longer needed, because the kernel has them all; else they stay valid until the
  ///   request's outcome.
  func send(_ slot: Int, _ message: UnsafeRawBufferPointer) -> Bool
  /// Drops a slot's connection at once; no outcome follows.
  func close(_ slot: Int)
}
