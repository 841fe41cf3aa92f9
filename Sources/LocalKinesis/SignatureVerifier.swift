import Kinesis

/// Judges the signature of a request, as an endpoint with one known access key does.
package struct SignatureVerifier: Sendable {
  /// Clocks may differ by so many seconds (AWS, "Troubleshooting Signature Version 4": five minutes).
  package static let toleratedSkewSeconds: Int64 = 300

  private let credentials: Credentials
  private let region: String

  /// A verifier for one access key, valid in one region.
  package init(credentials: Credentials, region: String) {
    self.credentials = credentials
    self.region = region
  }

  /// Checks a request whose authorization has all its parts.
  ///
  /// - Throws: the service's error: unknown key, other region or token, skewed clock, wrong signature. A signature in the
  ///   query is refused: no client of a data stream sends one.
  package func verify(_ request: ServiceRequest, at time: ServiceTime) throws(ServiceFailure) {
    guard let header = request.authorization, let authorization = SigV4.Authorization(header) else {
      throw ServiceFailure(
        "IncompleteSignatureException", "Authorization=\(request.authorization ?? "") is not a complete signature.")
    }
    guard authorization.accessKeyID == credentials.accessKeyID, authorization.scope.region == region,
      authorization.scope.service == "kinesis",
      self.header("x-amz-security-token", of: request) == credentials.sessionToken
    else {
      throw ServiceFailure(
        "UnrecognizedClientException", "The security token included in the request is invalid.")
    }
    try checkDate(request, at: time)
    let matches = authorization.matches(
      method: request.method, path: request.path, query: request.query, headers: request.headers,
      payloadHash: SHA256.digest(request.body), secret: credentials.secretAccessKey)
    guard matches else {
      throw ServiceFailure(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
          + "Key and signing method. Consult the service documentation for details.")
    }
  }

  private func checkDate(_ request: ServiceRequest, at time: ServiceTime) throws(ServiceFailure) {
    let text = header("x-amz-date", of: request) ?? ""
    guard let date = WallSeconds(basic: Array(text.utf8)) else {
      throw ServiceFailure("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'. Got '\(text)'.")
    }
    let now = Self.basic(time.seconds)
    guard date.value >= time.seconds - Self.toleratedSkewSeconds else {
      let bound = Self.basic(time.seconds - Self.toleratedSkewSeconds)
      throw ServiceFailure(
        "InvalidSignatureException", "Signature expired: \(text) is now earlier than \(bound) (\(now) - 5 min.)")
    }
    guard date.value <= time.seconds + Self.toleratedSkewSeconds else {
      let bound = Self.basic(time.seconds + Self.toleratedSkewSeconds)
      throw ServiceFailure(
        "InvalidSignatureException", "Signature not yet current: \(text) is still later than \(bound) (\(now) + 5 min.)"
      )
    }
  }

  private func header(_ name: String, of request: ServiceRequest) -> String? {
    request.headers.first { $0.name.lowercased() == name }?.value
  }

  private static func basic(_ seconds: Int64) -> String {
    String(decoding: WallSeconds(seconds).basic, as: UTF8.self)
  }
}
