/// The instance metadata service: how its credentials are asked for, step by step.
///
/// Version 2 is a session: a PUT gives a token that the GETs carry. Where no token is to be had and version 1 is not
/// switched off, the GETs go without, as the SDKs do.
///
/// Source: AWS "Retrieve security credentials from instance metadata"; SDKs and Tools Reference Guide, "IMDS credential
/// provider"; botocore `utils.py`, `IMDSFetcher`.
package struct InstanceMetadata: Hashable, Sendable {
  /// The seconds a session token is asked for: six hours, the most there is.
  private static let tokenSeconds = 21_600
  private static let rolesPath = "/latest/meta-data/iam/security-credentials/"

  /// Scheme, host and port.
  package let base: String
  /// Whether nobody said where it is, so that it need not be there at all.
  package let isUsualAddress: Bool
  /// Whether version 1 is out of the question.
  package let needsToken: Bool
  /// How long one request may take, in seconds.
  package let timeoutSeconds: Int64
  /// How often a request is made.
  package let attempts: Int

  /// The service as the environment describes it; nil where `AWS_EC2_METADATA_DISABLED` is true.
  ///
  /// - Parameter value: a variable's value, nil when it is not set or empty.
  package init?(_ value: (String) -> String?) {
    func isTrue(_ name: String) -> Bool { value(name)?.lowercased() == "true" }
    if isTrue("AWS_EC2_METADATA_DISABLED") { return nil }
    let isIPv6 = value("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
    var base =
      value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? (isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
    isUsualAddress = value("AWS_EC2_METADATA_SERVICE_ENDPOINT") == nil
    while base.hasSuffix("/") { base.removeLast() }
    self.base = base
    needsToken = isTrue("AWS_EC2_METADATA_V1_DISABLED")
    timeoutSeconds =
      value("AWS_METADATA_SERVICE_TIMEOUT").flatMap { Int64($0) }.flatMap { $0 > 0 ? min($0, 60) : nil } ?? 1
    attempts =
      value("AWS_METADATA_SERVICE_NUM_ATTEMPTS").flatMap { Int($0) }.flatMap { $0 > 0 ? min($0, 10) : nil } ?? 1
  }

  /// Asks for a session.
  package func tokenRequest(hostHeader: String) -> String {
    "PUT /latest/api/token HTTP/1.1\r\nHost: \(hostHeader)\r\nUser-Agent: shardmeter\r\n"
      + "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: \(Self.tokenSeconds)\r\nContent-Length: 0\r\n\r\n"
  }

  /// What the answer to ``tokenRequest(hostHeader:)`` means: a token, or nil to go on without one.
  ///
  /// - Parameter answer: nil when there was none in time.
  /// - Throws: ``CredentialsFailure/unusable(source:reason:)`` where there is no going on.
  package func token(from answer: (status: Int, body: [UInt8])?) throws(CredentialsFailure) -> String? {
    if let answer, answer.status == 200 {
      let text = String(decoding: answer.body, as: UTF8.self)
      guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw unusable("its token is none") }
      return text
    }
    if needsToken { throw unusable("it gives no session token, and AWS_EC2_METADATA_V1_DISABLED is set") }
    switch answer?.status {
    // A service of version 1 only, or one whose tokens do not reach as far as here (a container's extra hop).
    case nil, 403, 404, 405: return nil
    case let status?: throw unusable("HTTP \(status) for the session token")
    }
  }

  /// Asks for the names of the instance's roles, or for the credentials of one.
  package func request(role: String?, token: String?, hostHeader: String) -> String {
    "GET \(Self.rolesPath)\(role ?? "") HTTP/1.1\r\nHost: \(hostHeader)\r\nUser-Agent: shardmeter\r\n"
      + (token.map { "X-Aws-Ec2-Metadata-Token: \($0)\r\n" } ?? "") + "\r\n"
  }

  /// The instance's role from the list of names: its first line.
  package func role(from answer: (status: Int, body: [UInt8])) throws(CredentialsFailure) -> String {
    if answer.status == 404 { throw unusable("the instance has no role") }
    guard answer.status == 200 else { throw unusable("HTTP \(answer.status) for the names of roles") }
    let text = String(decoding: answer.body, as: UTF8.self)
    // IAM's names of roles: letters, digits and + = , . @ - _ (IAM API reference, CreateRole).
    guard let role = text.split(whereSeparator: \.isNewline).first, role.utf8.count <= 64,
      role.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
    else { throw unusable("the name of its role is none") }
    return String(role)
  }

  private func unusable(_ reason: String) -> CredentialsFailure {
    .unusable(source: CredentialsSource.instance(self).name, reason: reason)
  }
}
