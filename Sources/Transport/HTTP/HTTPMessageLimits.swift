/// How much of a message is accepted before it is refused.
package struct HTTPMessageLimits: Hashable, Sendable {
  /// Bytes of start line and header fields together (and of a chunked body's trailer fields and chunk extensions).
  package var headBytes: Int
  /// Bytes of the body after transfer coding is taken off.
  package var bodyBytes: Int

  /// Limits with these sizes in bytes.
  package init(headBytes: Int, bodyBytes: Int) {
    self.headBytes = headBytes
    self.bodyBytes = bodyBytes
  }

  /// For answers: 64 KiB of head, 64 MiB of body (a GetRecords answer holds 10 MiB of data, a third more in base64).
  package static let answers = HTTPMessageLimits(headBytes: 64 << 10, bodyBytes: 64 << 20)
  /// For requests: 16 KiB of head, 32 MiB of body (the largest PutRecords has 10 MiB of data, a third more in base64).
  package static let requests = HTTPMessageLimits(headBytes: 16 << 10, bodyBytes: 32 << 20)
}
