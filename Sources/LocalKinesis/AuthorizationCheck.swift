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
