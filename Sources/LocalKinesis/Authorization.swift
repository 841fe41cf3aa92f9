import Kinesis

/// Whether a request carries all parts of a signature, in the header or in the query; worded as the service words it.
///
/// Only presence is judged here; `SignatureVerifier` judges the signature itself.
package enum AuthorizationCheck {
  /// The error of a request's authorization; nil when nothing is missing.
  ///
  /// - Parameters:
  ///   - authorization: the `Authorization` header.
  ///   - query: the query string, without the question mark.
  ///   - hasDate: whether an `X-Amz-Date` or a `Date` header is there.
  package static func failure(authorization: String?, query: String, hasDate: Bool) -> ServiceFailure? {
    let parameters = queryParameters(query)
    let isInQuery = parameters.contains { $0.name == "X-Amz-Algorithm" }
    guard let authorization, !authorization.isEmpty else {
      return isInQuery
        ? missing(inQuery: parameters)
        : ServiceFailure("MissingAuthenticationTokenException", "Missing Authentication Token")
    }
    guard !isInQuery else {
      return ServiceFailure(
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    }
    return missing(inHeader: authorization, hasDate: hasDate)
  }

  /// The named parts of an `Authorization` header, the algorithm left out.
  package static func headerParameters(_ authorization: String) -> [(name: Substring, value: Substring)] {
    authorization.split(whereSeparator: { $0 == "," || $0 == " " }).dropFirst().map(named)
  }

  /// The names and values of a query string, as written.
  package static func queryParameters(_ query: String) -> [(name: Substring, value: Substring)] {
    query.split(separator: "&").map(named)
  }

  private static func named(_ part: Substring) -> (name: Substring, value: Substring) {
    guard let equals = part.firstIndex(of: "=") else { return (part, "") }
    return (part[..<equals], part[part.index(after: equals)...])
  }

  private static func missing(inHeader authorization: String, hasDate: Bool) -> ServiceFailure? {
    let parameters = headerParameters(authorization)
    var text = ""
    for name in ["Credential", "Signature", "SignedHeaders"]
    where !parameters.contains(where: { $0.name == name && !$0.value.isEmpty }) {
      text += "Authorization header requires '\(name)' parameter. "
    }
    if !hasDate {
      text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    }
    guard !text.isEmpty else { return nil }
    return ServiceFailure("IncompleteSignatureException", text + "Authorization=\(authorization)")
  }

  private static func missing(inQuery parameters: [(name: Substring, value: Substring)]) -> ServiceFailure? {
    var text = ""
    for name in ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
    where !parameters.contains(where: { $0.name == name && !$0.value.isEmpty }) {
      text += "AWS query-string parameters must include '\(name)'. "
    }
    guard !text.isEmpty else { return nil }
    return ServiceFailure("IncompleteSignatureException", text + "Re-examine the query-string parameters.")
  }
}

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

/// Makes the two identifiers every answer carries: `x-amzn-RequestId`, a UUID, and `x-amz-id-2`, base64.
///
/// They only have to differ and look right, so a small sequential generator makes them; the same seed gives the same
/// ones.
struct RequestIdentity {
  /// Characters of `x-amz-id-2`: base64 of 72 bytes; AWS sends 64 to 80 (mhart/kinesalite test/helpers.js).
  private static let extendedCharacters = 96

  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// A random UUID, version 4.
  mutating func requestID() -> String {
    let high = next() & ~0xF000 | 0x4000
    let low = next() & ~(0b11 << 62) | 0b10 << 62
    return String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        let word = digit < 16 ? high : low
        text[end] = Self.hexDigits[Int(word >> UInt64(60 - 4 * (digit & 15)) & 15)]
        end += 1
      }
      return end
    }
  }

  /// The second identifier: any characters of the alphabet, four for every three bytes, are base64 of something.
  mutating func extendedID() -> String {
    String(unsafeUninitializedCapacity: Self.extendedCharacters) { text in
      var word: UInt64 = 0
      for index in 0..<Self.extendedCharacters {
        if index % 10 == 0 { word = next() }
        text[index] = Self.alphabet[Int(word & 63)]
        word >>= 6
      }
      return Self.extendedCharacters
    }
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
