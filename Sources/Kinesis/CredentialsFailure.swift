/// Why there are no credentials, in words a user can act on.
package enum CredentialsFailure: Error, Hashable, CustomStringConvertible {
  /// Neither environment nor files hold any.
  case notFound
  /// The profile named by the user or by `AWS_PROFILE` is in neither file.
  case noSuchProfile(String)
  /// The access key is there and its secret is not, or the other way round.
  case incomplete(place: String, missing: String)
  /// The profile gets its credentials in a way that is not built in.
  case needsExport(profile: String, setting: String)

  package var description: String {
    switch self {
    case .notFound:
      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile"
    case .noSuchProfile(let name):
      "there is no profile \"\(name)\" in the AWS credentials and config files"
    case .incomplete(let place, let missing):
      "\(place) has no \(missing)"
    case .needsExport(let profile, let setting):
      "profile \"\(profile)\" uses \(setting), which is not resolved here; run: "
        + "eval \"$(aws configure export-credentials --profile \(profile) --format env)\""
    }
  }
}
