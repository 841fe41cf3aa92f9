import Kinesis

/// Which endpoint is meant and how it is spoken to: all that opening one takes, whichever command wants it.
struct TargetRequest: Sendable, Equatable {
  /// Where the endpoint is.
  enum Location: Sendable, Equatable {
    /// A child process on a free loopback port that serves this; its region is the one that is signed for.
    case embedded(EmbeddedTargetDocument)
    /// An address, `http://` or `https://`.
    case url(String)
    /// What environment, profile, ARN or region name.
    case aws
  }

  /// Whose certificates are taken, where the endpoint speaks TLS.
  enum Trust: Sendable, Equatable {
    /// The system's issuers.
    case system
    /// The issuers in a PEM file.
    case file(String)
    /// Anybody's.
    case anyone

    /// What `--ca-file` and `--insecure` say, of which only one may be given.
    init(certificateFile: String?, isInsecure: Bool) {
      self = isInsecure ? .anyone : certificateFile.map { .file($0) } ?? .system
    }
  }

  var location: Location
  /// Names the stream in requests, and with `aws` the account's own host.
  var streamARN: StreamARN?
  /// Nil: the ARN's, the environment's, the profile's, then `us-east-1`.
  var region: String?
  /// Of the shared credentials and config files.
  var profile: String?
  var isUnsigned = false
  var trust = Trust.system
  /// What was said of loading an endpoint that is not this machine; nil where nothing is loaded.
  var permission: RemoteSafety.Permission?
}
