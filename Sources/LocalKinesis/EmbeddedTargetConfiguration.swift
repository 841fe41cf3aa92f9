import Kinesis

/// Everything the options of the embedded endpoint say, as plain data.
package struct EmbeddedTargetConfiguration: Sendable {
  /// When the endpoint ends by itself.
  package enum ParentWatch: Sendable, Equatable {
    /// Never.
    case none
    /// When standard input closes, as it does when the parent that holds the other end of the pipe is gone, however it
    /// went.
    case standardInput
  }

  /// Who vouches for the endpoint when it speaks TLS.
  package enum Certificate: Sendable, Equatable {
    /// PEM files: the certificate with its chain, and its key.
    case files(certificate: String, key: String)
    /// Made at the start, signed by itself.
    case selfSigned
  }

  /// The address to listen on; 127.0.0.1 unless told.
  package var host = "127.0.0.1"
  /// The port; 0 takes any free one.
  package var port: UInt16 = 4567
  /// Origins of the web pages that may use the endpoint, as `WebAccess.origin(of:)` writes them.
  package var allowedOrigins: [String] = []
  /// Names of the host under which the endpoint answers besides those of this machine, as `WebAccess.name(ofHost:)` writes
  /// them.
  package var allowedHosts: [String] = []
  /// When given, the endpoint speaks TLS only.
  package var certificate: Certificate?
  /// The stream that is there from the start, ACTIVE; nil for none.
  package var streamName: String? = "orders"
  /// The hash ranges of its shards, ascending, without gaps.
  package var ranges = HashKeyRange.even(count: 4)
  /// Further streams that are there from the start, and their hash ranges; nil for `ranges`.
  package var moreStreams: [(name: String, ranges: [HashKeyRange]?)] = []
  /// The twelve digits of the account.
  package var account = "000000000000"
  /// The region, in ARNs, messages and signatures.
  package var region = "us-east-1"
  /// Open shards the account may have; 20,000 is the default quota of the large regions (Amazon Kinesis quotas).
  package var shardLimit = 20_000
  /// Limits, latency, faults, retention and capacity.
  package var settings = EndpointSettings()
  /// Nanoseconds that CREATING, UPDATING and DELETING take.
  package var transition: Int64 = 500_000_000
  /// Seed of faults, latencies and identifiers.
  package var seed: UInt64 = 1
  /// Whether the time line of faults and changes of shards counts from the first PutRecord or PutRecords that reaches a
  /// stream, instead of from the start.
  package var beginsWithRecords = false
  /// Whether requests without a signature are served.
  package var allowsUnsigned = false
  /// When given, signatures are verified against it instead of only being there.
  package var credentials: Credentials?
  /// Microseconds added to the wall clock, to try clients against a skewed endpoint.
  package var clockOffsetMicroseconds: Int64 = 0
  /// Whether GetRecords is limited as a shard limits it: 5 calls and 2 MiB a second.
  package var hasReadLimits = false
  /// Whether the control plane is limited as an account is.
  package var hasControlLimits = false
  /// When given, PutRecords requests are not parsed beyond HTTP framing and every answer to one is a fixed success of so
  /// many entries: a sink to measure drivers against. Its stream has one shard whatever
  /// `ranges` says: it does not know which shard a record belongs to, and with one every record is on the right one.
  package var nullRecords: Int?
  /// When the endpoint ends by itself.
  package var parentWatch = ParentWatch.none

  /// The endpoint that `shardmeter target` serves without options.
  package init() {}

  /// Every stream that is there from the start, with its hash ranges.
  package var initialStreams: [(name: String, ranges: [HashKeyRange])] {
    (streamName.map { [($0, ranges)] } ?? []) + moreStreams.map { ($0.name, $0.ranges ?? ranges) }
  }

  /// The limits profile in force.
  package var limits: LimitsProfile { settings.limits }

  /// Judges signatures when an access key is given.
  package var signatureVerifier: SignatureVerifier? {
    credentials.map { SignatureVerifier(credentials: $0, region: region) }
  }
}
