/// What the service answers; one value is reused for all requests of a thread, so that its body keeps its room.
package struct ServiceAnswer {
  /// How the answer leaves.
  package enum Delivery: Sendable, Equatable {
    /// At once, or after the latency.
    case send
    /// The connection stays open and silent.
    case never
    /// The connection is reset instead of an answer.
    case reset
    /// The connection is reset in the middle of the answer.
    case resetWithin
    /// The connection is closed in order in the middle of the body, with less than was announced.
    case truncated
  }

  package var status = 200
  /// Headers besides `Content-Length` and `Date`.
  package var headers: [(name: StaticString, value: String)] = []
  /// The body, unless `borrowedBody` is it.
  package var body: [UInt8] = []
  /// A body that lies in the service's own memory, valid until its next request; nil when `body` is the body.
  package var borrowedBody: UnsafeRawBufferPointer?
  package var delivery = Delivery.send
  /// Nanoseconds between the request and its answer; 0 = at once.
  package var delay: Int64 = 0

  /// An empty answer.
  package init() {}

  /// Makes it empty again, keeping the body's room.
  package mutating func reset() {
    status = 200
    headers.removeAll(keepingCapacity: true)
    body.removeAll(keepingCapacity: true)
    borrowedBody = nil
    delivery = .send
    delay = 0
  }

  /// Hands out the body, wherever it lies.
  package func withBody<Result>(_ read: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    if let borrowedBody { return try read(borrowedBody) }
    return try body.withUnsafeBytes(read)
  }
}
