import Kinesis

/// One request as the service sees it: what it looks at of the head, and the body.
package struct ServiceRequest {
  package var method: String
  /// The query string without the question mark. The path means nothing to the service.
  package var query: String
  package var contentType: String?
  /// The `X-Amz-Target` header.
  package var target: String?
  package var authorization: String?
  /// Whether an `X-Amz-Date` or a `Date` header is there.
  package var hasDate: Bool
  /// The `Host` header.
  package var host: String?
  package var origin: String?
  package var accessControlRequestHeaders: String?
  package var accessControlRequestMethod: String?
  /// The whole body; its memory belongs to the caller and is only read during the call.
  package var body: UnsafeRawBufferPointer
  /// All headers, for verifying a signature; empty when none is verified.
  package var headers: [(name: String, value: String)] = []
  /// The path as written, for verifying a signature.
  package var path = "/"

  /// A request of these parts.
  package init(
    method: String = "POST", query: String = "", contentType: String? = nil, target: String? = nil,
    authorization: String? = nil, hasDate: Bool = false, host: String? = nil, origin: String? = nil,
    body: UnsafeRawBufferPointer
  ) {
    self.method = method
    self.query = query
    self.contentType = contentType
    self.target = target
    self.authorization = authorization
    self.hasDate = hasDate
    self.host = host
    self.origin = origin
    self.body = body
  }
}

/// The content types the service knows.
enum ContentType: String {
  case json = "application/x-amz-json-1.1"
  case cbor = "application/x-amz-cbor-1.1"
  /// Read, but never served: AWS answers every well-formed request of this type with an unknown operation.
  case plainJSON = "application/json"

  /// Reads a header: what stands before a semicolon, trimmed. Nil when the type is another or missing.
  init?(_ header: String?) {
    guard let header else { return nil }
    let type = header.prefix { $0 != ";" }
    let trimmed = type.drop { $0 == " " || $0 == "\t" }
    guard let last = trimmed.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return nil }
    self.init(rawValue: String(trimmed[...last]))
  }
}

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

/// An error the endpoint answers with, as Kinesis words it.
package struct ServiceFailure: Error, Sendable, Equatable {
  /// The HTTP status.
  package var status: Int
  /// The error code, written as `__type`.
  package var code: String
  /// The text; nil where the service sends the code alone.
  package var message: String?
  /// Whether the text's member is spelled `Message`, as SerializationException does.
  package var isMessageCapitalised: Bool

  /// An error answered with status 400 and a `message`, the common form.
  package init(_ code: String, _ message: String?, status: Int = 400, capitalised: Bool = false) {
    self.status = status
    self.code = code
    self.message = message
    self.isMessageCapitalised = capitalised
  }

  /// The body as a value.
  package var value: ServiceValue {
    .members(
      ("__type", .text(code)), (isMessageCapitalised ? "Message" : "message", message.map { .text($0) }))
  }

  /// A value of the wrong type.
  package static func serialization(_ message: String?) -> ServiceFailure {
    ServiceFailure("SerializationException", message, capitalised: true)
  }

  /// A value that breaks the rules between arguments or of a stream.
  package static func invalidArgument(_ message: String) -> ServiceFailure {
    ServiceFailure("InvalidArgumentException", message)
  }

  /// A violation of the constraints of the input: the parts are counted and joined, at most ten of them.
  ///
  /// The cap is AWS's (mhart/kinesalite test/putRecords.js, checked against production in 2018).
  package static func validation(_ parts: [String]) -> ServiceFailure {
    let shown = parts.prefix(10)
    let plural = shown.count == 1 ? "" : "s"
    return ServiceFailure(
      "ValidationException",
      "\(shown.count) validation error\(plural) detected: \(shown.joined(separator: "; "))")
  }

  /// A stream that does not exist, or does not yet or no longer take the operation.
  package static func streamNotFound(_ name: String, account: String) -> ServiceFailure {
    ServiceFailure("ResourceNotFoundException", "Stream \(name) under account \(account) not found.")
  }
}

/// The two clocks of one moment: every decision of the service takes them as a parameter, none reads a clock.
package struct ServiceTime: Sendable, Hashable {
  /// The monotonic clock, in nanoseconds: limiters, latencies, transitions.
  package var nanoseconds: Int64
  /// The wall clock, in microseconds since the Unix epoch: timestamps, sequence numbers, expiry.
  package var microseconds: Int64

  /// A moment of both clocks.
  package init(nanoseconds: Int64, microseconds: Int64) {
    self.nanoseconds = nanoseconds
    self.microseconds = microseconds
  }

  /// The same two clocks at another reading of the monotonic one.
  func moved(to nanoseconds: Int64) -> ServiceTime {
    let passed = self.nanoseconds.subtractingSaturated(nanoseconds) / 1000
    return ServiceTime(nanoseconds: nanoseconds, microseconds: microseconds.subtractingSaturated(passed))
  }

  /// The wall clock in whole seconds.
  package var seconds: Int64 { microseconds / 1_000_000 }
  /// The wall clock in whole milliseconds.
  package var milliseconds: Int64 { microseconds / 1000 }
}
