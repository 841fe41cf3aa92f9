/// Finds credentials and region where the AWS tools look: environment, shared credentials file, config file.
///
/// The order is botocore's (`credentials.py`, `create_credential_resolver`): a profile named by the user comes before
/// the environment, the environment before `AWS_PROFILE` and the profile `default`.
package struct CredentialsResolver {
  private let environment: [String: String]
  private let readFile: (String) -> [UInt8]?

  /// Makes a resolver.
  ///
  /// - Parameters:
  ///   - environment: the process environment.
  ///   - readFile: gives a file's bytes, or `nil` when it cannot be read.
  package init(environment: [String: String], readFile: @escaping (String) -> [UInt8]?) {
    self.environment = environment
    self.readFile = readFile
  }

  /// Finds credentials.
  ///
  /// - Parameters:
  ///   - profile: the profile the user named, which takes precedence over the environment.
  ///   - isLoopback: whether the target is this machine. It then gets ``Credentials/loopback`` when nothing usable is
  ///     set, unless the user named a profile.
  package func resolve(profile: String?, isLoopback: Bool) throws(CredentialsFailure) -> Credentials {
    if let profile { return try credentials(ofProfile: profile) }
    do {
      if let credentials = try credentialsFromEnvironment() { return credentials }
      return try credentials(ofProfile: implicitProfile)
    } catch {
      if isLoopback { return .loopback }
      if case .noSuchProfile("default") = error { throw .notFound }
      throw error
    }
  }

  /// Finds the region: `AWS_REGION`, `AWS_DEFAULT_REGION`, else the profile's; `nil` when none says one.
  package func region(profile: String?) -> String? {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
      if let region = value(name) { return region }
    }
    return settings(ofProfile: profile ?? implicitProfile)?["region"]
  }

  private var implicitProfile: String { value("AWS_PROFILE") ?? "default" }

  private func credentialsFromEnvironment() throws(CredentialsFailure) -> Credentials? {
    guard let key = value("AWS_ACCESS_KEY_ID") else { return nil }
    guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
      throw .incomplete(place: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
    }
    return Credentials(
      accessKeyID: key, secretAccessKey: secret, sessionToken: value("AWS_SESSION_TOKEN"),
      expiration: value("AWS_CREDENTIAL_EXPIRATION").flatMap(Self.time))
  }

  private func credentials(ofProfile profile: String) throws(CredentialsFailure) -> Credentials {
    guard let settings = settings(ofProfile: profile) else { throw .noSuchProfile(profile) }
    // These come before the profile's own keys, as botocore has it.
    for setting in ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url"]
    where settings[setting] != nil {
      throw .needsExport(profile: profile, setting: setting)
    }
    guard let key = settings["aws_access_key_id"] else {
      for setting in ["credential_process", "login_session"] where settings[setting] != nil {
        throw .needsExport(profile: profile, setting: setting)
      }
      throw .incomplete(place: "profile \"\(profile)\"", missing: "aws_access_key_id")
    }
    guard let secret = settings["aws_secret_access_key"] else {
      throw .incomplete(place: "profile \"\(profile)\"", missing: "aws_secret_access_key")
    }
    return Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: settings["aws_session_token"])
  }

  /// The settings of a profile from both files, those of the credentials file first; `nil` when neither has it.
  private func settings(ofProfile profile: String) -> [String: String]? {
    let files = [
      value("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials", value("AWS_CONFIG_FILE") ?? "~/.aws/config",
    ]
    var result: [String: String]?
    for file in files {
      guard let bytes = readFile(expanded(file)), let found = AWSConfigFile(bytes).profiles[profile] else { continue }
      result = (result ?? [:]).merging(found) { earlier, _ in earlier }
    }
    return result
  }

  private func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = value("HOME") else { return path }
    return home + path.dropFirst()
  }

  /// A variable's value; one that is set but empty counts as not set.
  private func value(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Reads `2026-03-14T09:15:12Z` or the same with `+00:00`, as `aws configure export-credentials` prints it.
  private static func time(_ text: String) -> WallSeconds? {
    guard text.hasSuffix("Z") || text.hasSuffix("+00:00") else { return nil }
    let digits = text.utf8.prefix(19).filter { $0 != 0x2D && $0 != 0x3A }
    return WallSeconds(basic: digits + [0x5A])
  }
}
