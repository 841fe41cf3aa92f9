/// The reason phrases of status codes (RFC 9110 section 15), which mean nothing but please readers of traces.
package enum HTTPStatus {
  /// The phrase, or an empty one for a code of no registered name.
  package static func reason(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }

  /// The status a server refuses such a message with.
  static func refusing(_ violation: HTTPViolation) -> Int {
    switch violation {
    case .headTooLarge: 431
    case .bodyTooLarge: 413
    case .unsupportedTransferCoding: 501
    case .unsupportedVersion: 505
    default: 400
    }
  }
}
