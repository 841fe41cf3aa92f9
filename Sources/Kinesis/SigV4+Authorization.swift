extension SigV4 {
  /// The parts of an `Authorization` header.
  package struct Authorization: Hashable, Sendable {
    /// The access key the request was signed with.
    package var accessKeyID: String
    /// The credential scope.
    package var scope: Scope
    /// The names of the signed headers, lower-case, as listed.
    package var signedHeaders: [String]
    /// The signature in hexadecimal.
    package var signature: String

    /// Reads a header value, or gives `nil` when a part is missing or the scope is not complete.
    package init?(_ header: String) {
      guard header.hasPrefix(SigV4.algorithm) else { return nil }
      var parts: [Substring: Substring] = [:]
      for part in header.dropFirst(SigV4.algorithm.count).split(whereSeparator: { $0 == "," || $0 == " " }) {
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { parts[pair[0]] = pair[1] }
      }
      guard let credential = parts["Credential"], let names = parts["SignedHeaders"], let signature = parts["Signature"]
      else { return nil }
      let fields = credential.split(separator: "/", omittingEmptySubsequences: false)
      guard fields.count >= 5, fields.last == "aws4_request" else { return nil }
      // An access key may itself hold a slash: the scope is what the last four fields say.
      let scopeFields = fields.suffix(4).map(String.init)
      accessKeyID = fields.dropLast(4).joined(separator: "/")
      scope = Scope(date: scopeFields[0], region: scopeFields[1], service: scopeFields[2])
      signedHeaders = names.split(separator: ";").map(String.init)
      self.signature = String(signature)
    }

    /// Whether the signature is the one the secret gives for this request.
    ///
    /// - Parameters:
    ///   - headers: all headers of the request; those not signed are ignored.
    ///   - payloadHash: the body's SHA-256.
    package func matches(
      method: String, path: String, query: String, headers: [(name: String, value: String)], payloadHash: Digest256,
      secret: String
    ) -> Bool {
      let signed = headers.filter { signedHeaders.contains($0.name.lowercased()) }
      guard Set(signed.map { $0.name.lowercased() }) == Set(signedHeaders) else { return false }
      guard let date = signed.first(where: { $0.name.lowercased() == "x-amz-date" })?.value else { return false }
      guard date.hasPrefix(scope.date) else { return false }
      let expected = SigV4.signature(
        method: method, path: path, query: query, headers: signed, payloadHash: payloadHash, date: date, scope: scope,
        secret: secret)
      return expected.hex == signature
    }
  }
}
