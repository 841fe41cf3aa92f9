/// Decides where credentials, region and endpoint come from, as the AWS tools do: environment, shared credentials file,
/// config file, then whom to ask.
///
/// The order is botocore's (`credentials.py`, `create_credential_resolver`): a profile named by the user comes before
/// the environment, the environment before `AWS_PROFILE` and the profile `default`; the endpoint of a container's host
/// and the instance metadata service come last.
package struct CredentialsResolver {
  private let environment: [String: String]
  private let files: ProfileFiles

  /// Makes a resolver.
  ///
  /// - Parameters:
  ///   - environment: the process environment.
  ///   - readFile: gives a file's bytes, or `nil` when it cannot be read.
  package init(environment: [String: String], readFile: @escaping (String) -> [UInt8]?) {
    self.environment = environment
    files = ProfileFiles(environment: environment, readFile: readFile)
  }

  /// Decides where credentials come from.
  ///
  /// - Parameters:
  ///   - profile: the profile the user named, which takes precedence over the environment.
  ///   - isLoopback: whether the target is this machine. Nobody is then asked but a profile's `credential_process`, and
  ///     ``Credentials/loopback`` serve when nothing usable is set, unless the user named a profile.
  package func source(profile: String?, isLoopback: Bool) throws(CredentialsFailure) -> CredentialsSource {
    guard isLoopback else { return try remoteSource(profile: profile) }
    if let profile {
      guard let source = try profileSource(profile) else {
        throw .incomplete(source: "profile \"\(profile)\"", missing: "aws_access_key_id")
      }
      return source
    }
    let found = try? environmentSource() ?? profileSource(implicitProfile)
    return found ?? .given(.loopback, name: "the customary keys of emulators")
  }

  /// Whether a text can be a header's value or a part of one: printable ASCII without spaces, so that it ends no line.
  package static func isHeaderText(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

  /// Finds the region: `AWS_REGION`, `AWS_DEFAULT_REGION`, else the profile's; `nil` when none says one.
  package func region(profile: String?) -> String? {
    value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")
      ?? files.settings(of: profile ?? implicitProfile)?.merged["region"]
  }

  /// Finds the endpoint that stands in for the service's own: `AWS_ENDPOINT_URL_KINESIS`, `AWS_ENDPOINT_URL`, else the
  /// profile's `endpoint_url`; nil when none is set or `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true.
  ///
  /// Order: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". A profile's `services` section is not read.
  package func endpointURL(profile: String?) -> String? {
    let settings = files.settings(of: profile ?? implicitProfile)?.merged
    let ignores = value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ?? settings?["ignore_configured_endpoint_urls"]
    if ignores?.lowercased() == "true" { return nil }
    return value("AWS_ENDPOINT_URL_KINESIS") ?? value("AWS_ENDPOINT_URL") ?? settings?["endpoint_url"]
  }

  private var implicitProfile: String { value("AWS_PROFILE") ?? "default" }

  private func remoteSource(profile: String?) throws(CredentialsFailure) -> CredentialsSource {
    if profile == nil {
      if let source = try environmentSource() { return source }
      if value("AWS_WEB_IDENTITY_TOKEN_FILE") != nil, value("AWS_ROLE_ARN") != nil {
        throw .needsExport(profile: nil, setting: "AWS_WEB_IDENTITY_TOKEN_FILE")
      }
    }
    do {
      if let source = try profileSource(profile ?? implicitProfile) { return source }
    } catch {
      // Nobody asked for a profile by name: without files there may still be somebody to ask.
      guard profile == nil, error == .noSuchProfile("default"), value("AWS_PROFILE") == nil else { throw error }
    }
    if let container = try ContainerCredentials(value) { return .container(container) }
    if let metadata = InstanceMetadata(value) { return .instance(metadata) }
    throw .notFound()
  }

  private func environmentSource() throws(CredentialsFailure) -> CredentialsSource? {
    guard let key = value("AWS_ACCESS_KEY_ID") else { return nil }
    guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
      throw .incomplete(source: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
    }
    return try given(
      Credentials(
        accessKeyID: key, secretAccessKey: secret, sessionToken: value("AWS_SESSION_TOKEN"),
        expiration: value("AWS_CREDENTIAL_EXPIRATION").flatMap { WallSeconds(iso8601: $0) }),
      source: "the environment")
  }

  /// Credentials as they stand somewhere, refused where they could end a header's line.
  private func given(_ credentials: Credentials, source: String) throws(CredentialsFailure) -> CredentialsSource {
    let texts = [credentials.accessKeyID, credentials.secretAccessKey, credentials.sessionToken ?? ""]
    guard texts.allSatisfy(Self.isHeaderText) else {
      throw .unusable(source: source, reason: "its keys have spaces or characters that are not printable ASCII")
    }
    return .given(credentials, name: source)
  }

  /// What a profile says; nil when it has nothing to do with credentials, as one that only sets a region.
  private func profileSource(_ profile: String) throws(CredentialsFailure) -> CredentialsSource? {
    guard let settings = files.settings(of: profile) else { throw .noSuchProfile(profile) }
    let merged = settings.merged
    // These come before the profile's own keys, as botocore has it.
    for setting in ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url"] where merged[setting] != nil
    {
      throw .needsExport(profile: profile, setting: setting)
    }
    if let source = try keys(settings.credentials, profile) { return source }
    if merged["login_session"] != nil { throw .needsExport(profile: profile, setting: "login_session") }
    if let line = merged["credential_process"] {
      guard let words = ShellWords.split(line), !words.isEmpty else {
        throw .unusable(
          source: "the credential_process of profile \"\(profile)\"", reason: "its line has a quote that is not closed")
      }
      return .process(profile: profile, words: words)
    }
    return try keys(settings.config, profile)
  }

  private func keys(_ settings: [String: String], _ profile: String) throws(CredentialsFailure) -> CredentialsSource? {
    guard let key = settings["aws_access_key_id"] else { return nil }
    let source = "profile \"\(profile)\""
    guard let secret = settings["aws_secret_access_key"] else {
      throw .incomplete(source: source, missing: "aws_secret_access_key")
    }
    let token = settings["aws_session_token"]
    return try given(
      Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: token?.isEmpty == true ? nil : token),
      source: source)
  }

  /// A variable's value without white space around it, as the SDKs for Java read it: secrets that are mounted as files end
  /// with a line end. One that is set but empty counts as not set.
  private func value(_ name: String) -> String? {
    guard var text = environment[name]?.drop(while: \.isWhitespace) else { return nil }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.isEmpty ? nil : String(text)
  }
}

/// Where the credentials of a run come from: decided from environment and files alone, before anything is asked.
///
/// Only ``given(_:name:)`` is complete; the others have to be asked, and asked again before what they gave ends.
package enum CredentialsSource: Hashable, Sendable {
  /// Written down in the environment or in a file, or the customary keys of emulators.
  case given(Credentials, name: String)
  /// Printed by a program that a profile names with `credential_process`.
  case process(profile: String, words: [String])
  /// Given by the endpoint of the container's host (ECS, EKS).
  case container(ContainerCredentials)
  /// Given by the instance metadata service (EC2).
  case instance(InstanceMetadata)

  /// What to call it in a message. Holds nothing secret: neither a program's arguments nor an endpoint's path.
  package var name: String {
    switch self {
    case .given(_, let name): name
    case .process(let profile, _): "the credential_process of profile \"\(profile)\""
    case .container(let container): "the container credentials endpoint \(container.origin)"
    case .instance(let metadata): "the instance metadata service \(metadata.base)"
    }
  }
}
