/// What signs a request: an access key, its secret and, for temporary credentials, a session token.
///
/// Its descriptions never show the secret, so that it may appear in a log or a failed expectation by mistake.
package struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The public part, sent with each request.
  package var accessKeyID: String

  /// The secret, never sent.
  package var secretAccessKey: String

  /// The token that goes with temporary credentials.
  package var sessionToken: String?

  /// When temporary credentials end; `nil` for lasting ones.
  package var expiration: WallSeconds?

  /// Makes credentials.
  package init(
    accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: WallSeconds? = nil
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }

  /// What loopback targets are signed with when nothing else is set, as is customary with emulators: `test` / `test`.
  package static let loopback = Credentials(accessKeyID: "test", secretAccessKey: "test")

  /// The first four characters of the access key; nothing of the secret.
  package var description: String {
    let shown = accessKeyID.count > 8 ? String(accessKeyID.prefix(4)) + "…" : "…"
    return "Credentials(\(shown)\(sessionToken == nil ? "" : ", temporary"))"
  }

  package var debugDescription: String { description }
}
