import Measurement

/// The answer being written to one request: appended to memory that the connection uses again and again.
package struct HTTPAnswer {
  /// How the answer goes out: whole, or spoilt on purpose.
  package enum Delivery: Hashable, Sendable {
    /// All of it, after which the connection goes on unless `closes`.
    case whole
    /// Not at all: the connection stays open and silent until the client ends it.
    case never
    /// So many bytes of the message (head included), then a reset. 0 resets at once.
    case reset(afterBytes: Int)
    /// So many bytes of the message (head included), then an orderly end of the connection.
    case truncate(afterBytes: Int)
  }

  /// The status code.
  package var status = 200
  /// How it goes out.
  package var delivery = Delivery.whole
  /// When it goes out at the earliest; nil as soon as it is written. Holds for every delivery.
  package var notBefore: Instant?
  /// Whether the connection ends after it, which the answer then says.
  package var closes = false

  /// The body so far.
  package let body: ByteBuffer
  private let fields: ByteBuffer
  /// Where the body begins in its buffer: before it there is room for the head.
  private let bodyStart: Int

  init(body: ByteBuffer, bodyStart: Int, fields: ByteBuffer) {
    self.body = body
    self.bodyStart = bodyStart
    self.fields = fields
    body.count = bodyStart
    fields.count = 0
  }

  /// How many bytes the body has so far.
  package var bodyCount: Int { body.count - bodyStart }

  /// Adds a header field. `Content-Length` and `Connection` are the server's.
  package func addField(_ name: StaticString, _ value: String) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds a header field whose value is a literal.
  package func addField(_ name: StaticString, _ value: StaticString) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds a header field from bytes; they must not contain line ends.
  package func addField(_ name: StaticString, bytes value: UnsafeRawBufferPointer) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds whole header lines, each with its CRLF, prepared by the caller.
  package func addFieldLines(_ lines: UnsafeRawBufferPointer) {
    fields.append(lines)
  }

  /// Drops the body written so far, for an answer that turns out otherwise.
  package func removeBody() { body.count = bodyStart }

  /// Adds bytes to the body.
  package func append(_ bytes: UnsafeRawBufferPointer) { body.append(bytes) }

  /// Adds a text to the body.
  package func append(_ text: String) { body.append(text) }

  /// Adds a literal to the body.
  package func append(_ text: StaticString) { body.append(text) }

  /// Makes room for at most so many further bytes of the body and returns the place they go to; `commit` says how many
  /// were written.
  package func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    body.reserve(count)
    return body.base + body.count
  }

  /// Counts bytes written to the place that `reserve` gave.
  package func commit(_ count: Int) {
    precondition(count >= 0 && count <= body.capacity - body.count, "more was written than there was room for")
    body.count += count
  }
}
