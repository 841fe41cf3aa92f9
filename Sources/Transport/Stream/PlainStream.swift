/// A socket in the clear.
package final class PlainStream: ByteStream {
  /// The socket.
  package let descriptor: Int32

  /// Takes over a connected non-blocking socket.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Always: a socket gives all it has and takes all it has room for (epoll(7), "Questions and answers", 9).
  package var isDrainedByShortTransfer: Bool { true }

  /// Never: an error number says it all.
  package var failureDetail: String? { nil }

  /// Nothing has to be agreed.
  package func shakeHands() -> StreamHandshake { .done }

  /// One `recv`.
  package func receive(into room: UnsafeMutableRawBufferPointer) -> StreamTransfer {
    StreamTransfer(SystemCalls.receive(descriptor, into: room))
  }

  /// One `send`.
  package func send(_ bytes: UnsafeRawBufferPointer) -> StreamTransfer {
    StreamTransfer(SystemCalls.send(descriptor, bytes))
  }

  /// Sends the end of the stream.
  package func endSending() { SystemCalls.shutDownWriting(descriptor) }

  /// Closes the socket.
  package func close(reset: Bool) {
    if reset { SystemCalls.closeWithReset(descriptor) } else { SystemCalls.close(descriptor) }
  }
}

extension StreamTransfer {
  /// The same outcome in a stream's terms.
  init(_ transfer: SystemCalls.Transfer) {
    switch transfer {
    case .bytes(let count): self = .bytes(count)
    case .wouldBlock: self = .wouldBlock
    case .failed(let code): self = .broken(code)
    }
  }
}
