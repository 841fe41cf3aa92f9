import Measurement

/// A request as it lies in its connection's buffer: valid during the call it is handed to.
package struct HTTPRequestView {
  /// `POST` and the like, as sent.
  package let method: UnsafeRawBufferPointer
  /// Path and query, as sent.
  package let target: UnsafeRawBufferPointer
  /// The header fields.
  package let fields: HTTPFields
  /// The body, contiguous, transfer coding taken off.
  package let body: UnsafeRawBufferPointer
  /// When the last byte was read.
  package let receivedAt: Instant
  /// Which connection of the server's life it came on, from 1.
  package let connection: UInt64
  /// Which request of the connection it is, from 1.
  package let ordinal: Int
}
