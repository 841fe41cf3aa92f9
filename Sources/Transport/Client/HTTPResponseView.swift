/// An answer as it lies in the connection's buffer: valid until the connection is used again.
package struct HTTPResponseView {
  /// 200...999.
  package let status: Int
  /// Whether the connection takes another request; otherwise it has been closed already.
  package let isKeepAlive: Bool
  /// The header fields.
  package let fields: HTTPFields
  /// The body, contiguous, transfer coding taken off.
  package let body: UnsafeRawBufferPointer
  /// Bytes of the answer as they came over the stream, head and coding included.
  package let bytesOnWire: Int

  /// The value of `Content-Type`, without parameters taken apart.
  package var contentType: UnsafeRawBufferPointer? { fields.bytes(named: "Content-Type") }
}
