/// Why there are no credentials, in words a user can act on.
package enum CredentialsFailure: Error, Hashable, CustomStringConvertible {
  /// Neither environment nor files hold any, and nobody is there to be asked; `detail` says what was asked in vain.
  case notFound(detail: String? = nil)
  /// The profile named by the user or by `AWS_PROFILE` is in neither file.
  case noSuchProfile(String)
  /// A part of them is there and another is not.
  case incomplete(source: String, missing: String)
  /// The profile, or without one the environment, gets its credentials in a way that is not built in.
  case needsExport(profile: String?, setting: String)
  /// A source that was asked gave none.
  case unusable(source: String, reason: String)

  package var description: String {
    switch self {
    case .notFound(let detail):
      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile"
        + (detail.map { " (\($0))" } ?? "")
    case .noSuchProfile(let name):
      "there is no profile \"\(name)\" in the AWS credentials and config files"
    case .incomplete(let source, let missing):
      "\(source) has no \(missing)"
    case .needsExport(let profile, let setting):
      (profile.map { "profile \"\($0)\" uses \(setting)" } ?? "\(setting) is set")
        + ", which is not resolved here; run: eval \"$(aws configure export-credentials"
        + (profile.map { " --profile \(Self.quoted($0))" } ?? "") + " --format env)\""
    case .unusable(let source, let reason):
      "\(source) gave no credentials: \(reason)"
    }
  }

  /// A profile's name as a shell takes it.
  private static func quoted(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: "@"):
        true
      default: false
      }
    }
    return isPlain ? name : "'" + name.replacing("'", with: "'\\''") + "'"
  }
}
