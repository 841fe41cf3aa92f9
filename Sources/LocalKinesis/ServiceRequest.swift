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
