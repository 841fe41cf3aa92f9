/// A connected, non-blocking stream of bytes: a socket in the clear or inside TLS. The state machines above know only this.
///
/// Whoever drives it registers the descriptor once, edge-triggered for both directions, and repeats what said
/// `wouldBlock` after the next event, whichever direction that names.
package protocol ByteStream: AnyObject {
  /// What to watch for readiness.
  var descriptor: Int32 { get }

  /// Whether a transfer of fewer bytes than asked for means that the next one would block. True for a socket; TLS hands
  /// bytes over record by record and has to be asked again.
  var isDrainedByShortTransfer: Bool { get }

  /// What to tell a person about a failure beyond its code, when there is more.
  var failureDetail: String? { get }

  /// Whether the handshake took up an earlier connection's session.
  var isResumed: Bool { get }

  /// Whether the handshake agreed on HTTP/2.
  var isHTTP2Agreed: Bool { get }

  /// Goes on with whatever must be agreed before the first byte of data; done at once where nothing has to be.
  func shakeHands() -> StreamHandshake

  /// Reads what has arrived; `bytes(0)` is the orderly end of the peer's side. The room may not be empty.
  func receive(into room: UnsafeMutableRawBufferPointer) -> StreamTransfer

  /// Sends a first part of the bytes. After `wouldBlock` the same bytes, at the same place, have to be offered again.
  func send(_ bytes: UnsafeRawBufferPointer) -> StreamTransfer

  /// Ends this side's sending.
  func endSending()

  /// Closes the descriptor, with a reset when asked for one. The stream is of no use afterwards.
  func close(reset: Bool)
}

extension ByteStream {
  /// Nothing, where there are no sessions.
  package var isResumed: Bool { false }

  /// Nothing is agreed where there is no handshake.
  package var isHTTP2Agreed: Bool { false }
}

/// How far a handshake has come.
package enum StreamHandshake: Hashable, Sendable {
  /// Data may flow.
  case done
  /// It goes on after the next event.
  case wouldBlock
  /// It has failed.
  case failed(TransportFailure)
}

/// What a transfer did.
package enum StreamTransfer: Hashable, Sendable {
  /// So many bytes went over; 0 from a read is the end.
  case bytes(Int)
  /// Nothing can go over now.
  case wouldBlock
  /// The connection is broken with this error number.
  case broken(Int32)
  /// The peer broke the rules of the encryption.
  case violated
}
