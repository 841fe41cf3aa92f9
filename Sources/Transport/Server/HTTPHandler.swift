import Measurement

/// What a server does with requests. Called on the server's thread, one request at a time.
package protocol HTTPHandler: AnyObject {
  /// Answers one request. The request's bytes are valid during the call only; the answer is begun empty, with status 200.
  ///
  /// A call that takes long keeps all other connections waiting; slowness to be shown to one client is what
  /// `HTTPAnswer.notBefore` is for.
  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer)

  /// Adds fields and a body to the refusal of what is no request; status and `closes` are set already.
  func refuse(status: Int, into answer: inout HTTPAnswer)
}

extension HTTPHandler {
  /// A status says enough.
  package func refuse(status: Int, into answer: inout HTTPAnswer) {}
}

/// A request as it lies in its connection's buffer: valid during the call it is handed to. Nothing in it says which version
/// of HTTP carried it.
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
