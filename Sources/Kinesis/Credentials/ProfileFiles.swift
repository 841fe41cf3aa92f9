/// The two files that hold profiles: the shared credentials file and the config file.
struct ProfileFiles {
  /// A profile's settings, file by file; names in lower case.
  struct Settings {
    /// Those of the credentials file.
    var credentials: [String: String] = [:]
    /// Those of the config file.
    var config: [String: String] = [:]
    /// All of them, those of the credentials file first.
    var merged: [String: String] { credentials.merging(config) { earlier, _ in earlier } }
  }

  private let credentials: AWSConfigFile?
  private let config: AWSConfigFile?

  /// Reads the files where `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE` say, else in `~/.aws`. One that cannot be
  /// read counts as empty, as the AWS tools have it.
  init(environment: [String: String], readFile: (String) -> [UInt8]?) {
    func file(_ variable: String, _ usual: String, isConfig: Bool) -> AWSConfigFile? {
      var path = environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? usual
      if path.hasPrefix("~/"), let home = environment["HOME"], !home.isEmpty { path = home + path.dropFirst() }
      return readFile(path).map { AWSConfigFile($0, isConfig: isConfig) }
    }
    credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", isConfig: false)
    config = file("AWS_CONFIG_FILE", "~/.aws/config", isConfig: true)
  }

  /// A profile's settings; nil when neither file has it.
  func settings(of profile: String) -> Settings? {
    let found = (credentials?.profiles[profile], config?.profiles[profile])
    if found.0 == nil, found.1 == nil { return nil }
    return Settings(credentials: found.0 ?? [:], config: found.1 ?? [:])
  }
}
