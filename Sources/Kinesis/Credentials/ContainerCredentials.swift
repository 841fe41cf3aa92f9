/// The credentials endpoint of a container's host, as the environment names it.
///
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider"; botocore `credentials.py`,
/// `ContainerProvider` and `utils.py`, `ContainerMetadataFetcher`.
package struct ContainerCredentials: Hashable, Sendable {
  /// Where the token of the `Authorization` header comes from.
  package enum Token: Hashable, Sendable {
    /// No such header.
    case none
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    case text(String)
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read anew for each request since the host replaces it.
    case file(String)
  }

  /// How long one request may take, and how often it is made (botocore: 2 s, 3 attempts, 1 s apart).
  package static let timeoutSeconds: Int64 = 2
  package static let attempts = 3
  package static let pauseMilliseconds = 1_000

  /// The address that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is relative to.
  private static let host = "http://169.254.170.2"
  /// Hosts of full URIs in the clear besides loopback: ECS, EKS over IPv4 and over IPv6.
  private static let knownHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost"]

  /// Scheme, host and port.
  package let origin: String
  /// Path and query, from the slash on.
  package let path: String
  /// Where the token comes from.
  package let token: Token

  /// The endpoint that the environment names; nil when it names none.
  ///
  /// - Parameter value: a variable's value, nil when it is not set or empty.
  /// - Throws: ``CredentialsFailure/unusable(source:reason:)`` for a URI that the token must not be sent to.
  package init?(_ value: (String) -> String?) throws(CredentialsFailure) {
    let relative = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    guard let uri = relative.map({ Self.host + $0 }) ?? value("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
    func refused(_ reason: String) -> CredentialsFailure {
      .unusable(
        source: relative == nil ? "AWS_CONTAINER_CREDENTIALS_FULL_URI" : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        reason: reason)
    }
    guard let authority = uri.firstRange(of: "://")?.upperBound else { throw refused("expected a URL") }
    let pathStart = uri[authority...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? uri.endIndex
    let isPath = pathStart == uri.endIndex || uri[pathStart] == "/"
    guard isPath, uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw refused(
        relative == nil ? "expected a URL without spaces and fragments" : "expected a path that starts with /")
    }
    origin = String(uri[..<pathStart])
    path = pathStart == uri.endIndex ? "/" : String(uri[pathStart...])
    let host = Self.host(of: uri[authority..<pathStart])
    guard origin.hasPrefix("https://") || (origin.hasPrefix("http://") && Self.isAllowed(host)) else {
      throw refused(
        "expected https://, or http:// to a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]: the token "
          + "must not travel further in the clear")
    }
    if let file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      token = .file(file)
    } else {
      token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .text($0) } ?? .none
    }
  }

  /// The request's head and whole message.
  ///
  /// - Parameters:
  ///   - token: the token as read, nil without one.
  ///   - hostHeader: the value of `Host`.
  /// - Throws: ``CredentialsFailure/unusable(source:reason:)`` for a token that would end the header line.
  package func request(token: String?, hostHeader: String) throws(CredentialsFailure) -> String {
    var text = "GET \(path) HTTP/1.1\r\nHost: \(hostHeader)\r\nUser-Agent: shardmeter\r\nAccept: application/json\r\n"
    if var token {
      while token.last?.isNewline == true { token.removeLast() }
      guard token.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw .unusable(
          source: "the container authorization token", reason: "it has a line end or control character within")
      }
      text += "Authorization: \(token)\r\n"
    }
    return text + "\r\n"
  }

  /// The host of an authority, with the brackets of an IPv6 address and without port.
  private static func host(of authority: Substring) -> String {
    if authority.first == "[" { return String(authority.prefix { $0 != "]" }) + "]" }
    return String(authority.prefix { $0 != ":" })
  }

  /// Whether credentials may travel there in the clear.
  private static func isAllowed(_ host: String) -> Bool {
    if knownHosts.contains(host) || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
  }
}
