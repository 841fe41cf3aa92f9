/// Signature Version 4: the general form for any request, step by step, used for verification and as the plain
/// statement of what ``RequestSigner`` computes piecewise.
///
/// Source: AWS "Signature Version 4 signing process"; botocore `auth.py`, `SigV4Auth`.
package enum SigV4 {
  /// The algorithm's name in `Authorization` and in the string to sign.
  package static let algorithm = "AWS4-HMAC-SHA256"

  /// The content type of the JSON 1.1 protocol.
  package static let contentType = "application/x-amz-json-1.1"

  /// What precedes the operation's name in `X-Amz-Target`.
  package static let targetPrefix = "Kinesis_20131202."

  /// Where and when a signing key is valid: `20150830/us-east-1/kinesis/aws4_request`.
  package struct Scope: Hashable, Sendable, CustomStringConvertible {
    /// The day, `yyyyMMdd`.
    package var date: String
    /// The region.
    package var region: String
    /// The service, `kinesis`.
    package var service: String

    /// Makes a scope.
    package init(date: String, region: String, service: String = "kinesis") {
      self.date = date
      self.region = region
      self.service = service
    }

    package var description: String { "\(date)/\(region)/\(service)/aws4_request" }
  }

  /// The canonical request up to the payload's hash, which is its last line.
  ///
  /// - Parameters:
  ///   - method: the HTTP method.
  ///   - path: the path as it is to be signed, already encoded once more where the service wants that.
  ///   - query: the query string as sent; its parameters are sorted here.
  ///   - headers: the headers to sign, in any order and case; values of a repeated name are joined by commas.
  package static func canonicalHead(
    method: String, path: String, query: String, headers: [(name: String, value: String)]
  ) -> String {
    let canonical = canonicalHeaders(headers)
    var text = "\(method)\n\(path.isEmpty ? "/" : path)\n\(canonicalQuery(query))\n"
    for (name, value) in canonical { text += "\(name):\(value)\n" }
    text += "\n" + canonical.map(\.name).joined(separator: ";") + "\n"
    return text
  }

  /// The text that is signed.
  package static func stringToSign(canonicalRequest: String, date: String, scope: Scope) -> String {
    "\(algorithm)\n\(date)\n\(scope)\n\(SHA256.digest(canonicalRequest).hex)"
  }

  /// The key that signs within a scope.
  package static func signingKey(secret: String, scope: Scope) -> Digest256 {
    var key = "AWS4" + secret
    var code = key.withUTF8 { HMACSHA256(key: UnsafeRawBufferPointer($0)) }.code(scope.date)
    for part in [scope.region, scope.service, "aws4_request"] { code = HMACSHA256(key: code).code(part) }
    return code
  }

  /// The signature of a request.
  ///
  /// - Parameters:
  ///   - payloadHash: the body's SHA-256.
  ///   - date: the value of `X-Amz-Date`.
  package static func signature(
    method: String, path: String, query: String, headers: [(name: String, value: String)], payloadHash: Digest256,
    date: String, scope: Scope, secret: String
  ) -> Digest256 {
    let request = canonicalHead(method: method, path: path, query: query, headers: headers) + payloadHash.hex
    let text = stringToSign(canonicalRequest: request, date: date, scope: scope)
    return HMACSHA256(key: signingKey(secret: secret, scope: scope)).code(text)
  }

  /// Names lower-case and sorted; values trimmed, runs of spaces inside made one.
  private static func canonicalHeaders(
    _ headers: [(name: String, value: String)]
  ) -> [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    for (name, value) in headers {
      let name = name.lowercased()
      let value = value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).joined(separator: " ")
      if let index = result.firstIndex(where: { $0.name == name }) {
        result[index].value += "," + value
      } else {
        result.append((name, value))
      }
    }
    return result.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Parameters sorted by name, then value; a parameter without a value gets an empty one.
  private static func canonicalQuery(_ query: String) -> String {
    var parameters: [(name: Substring, value: Substring)] = []
    for parameter in query.split(separator: "&") {
      let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters.append((parts[0], parts.count > 1 ? parts[1] : ""))
    }
    parameters.sort { left, right in
      left.name == right.name ? left.value < right.value : left.name < right.name
    }
    return parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }
}
