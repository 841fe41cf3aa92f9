import COpenSSL
import Glibc

/// The way from OpenSSL to a socket: a BIO over `SystemCalls`.
///
/// OpenSSL's own socket BIO calls `write`, which raises `SIGPIPE` when the peer has gone.
enum TLSSocket {
  /// A BIO for the descriptor, which it does not close; nil for lack of memory.
  static func makeBIO(_ descriptor: Int32) -> OpaquePointer? {
    guard let method, let bio = BIO_new(method) else { return nil }
    // The descriptor itself is the BIO's data; one more, since descriptor 0 would be a nil pointer.
    BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
    BIO_set_init(bio, 1)
    return bio
  }

  private static func descriptor(_ bio: OpaquePointer?) -> Int32 { Int32(Int(bitPattern: BIO_get_data(bio)) - 1) }

  private static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

  /// `nonisolated(unsafe)`: written once before its first use and only read by OpenSSL from then on.
  nonisolated(unsafe) private static let method: OpaquePointer? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE") else {
      return nil
    }
    BIO_meth_set_write(method) { bio, bytes, count in
      BIO_clear_flags(bio, TLSSocket.retryFlags)
      let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(count))
      switch SystemCalls.send(TLSSocket.descriptor(bio), bytes) {
      case .bytes(let sent): return Int32(sent)
      case .wouldBlock:
        BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        return -1
      case .failed: return -1
      }
    }
    BIO_meth_set_read(method) { bio, room, count in
      BIO_clear_flags(bio, TLSSocket.retryFlags)
      let room = UnsafeMutableRawBufferPointer(start: room, count: Int(count))
      switch SystemCalls.receive(TLSSocket.descriptor(bio), into: room) {
      case .bytes(0):
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF)
        return 0
      case .bytes(let got): return Int32(got)
      case .wouldBlock:
        BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return -1
      case .failed: return -1
      }
    }
    BIO_meth_set_ctrl(method) { bio, command, _, _ in
      switch command {
      case BIO_CTRL_EOF: BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0
      // Nothing is held back, so a flush has nothing to do, but has to succeed.
      case BIO_CTRL_FLUSH: 1
      default: 0
      }
    }
    return method
  }()
}
