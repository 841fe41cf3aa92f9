import RunResults

/// What a failure's code means and what usually helps: one table for every surface.
package enum FailureAdvice {
  /// The commonest reason for which records failed, apart from throttling.
  struct Commonest: Equatable {
    /// The service's or the transport's code; foreign text.
    let code: String
    /// Tries of records that failed so.
    let count: Int
    /// When it was first seen, in seconds since the first measured phase.
    let firstSecond: Int
  }

  /// The commonest failure of the measured records; nil where nothing failed or nothing says why.
  static func commonest(_ errors: [ErrorRow]) -> Commonest? {
    let failures = errors.filter { $0.measured && $0.level == "record" && $0.code != throttled }
    let most = failures.max { ($0.count, $1.code) < ($1.count, $0.code) }
    return most.map { Commonest(code: $0.code, count: $0.count, firstSecond: $0.firstTS) }
  }

  /// What the code means and what helps, as a clause without a stop; nil for a code of which nothing is known.
  ///
  /// - Parameters:
  ///   - code: as in `errors.csv`.
  ///   - endpoint: where the requests went; empty when unknown.
  package static func text(_ code: String, endpoint: String) -> String? {
    let address = endpoint.isEmpty ? "the address" : endpoint
    if code == "connect-refused" { return "nobody listens at \(address): is the endpoint started, is the port right?" }
    return table[code]
  }

  private static let throttled = "ProvisionedThroughputExceededException"

  private static let table: [String: String] = [
    "connect-timeout": "no connection in time: a wrong address, a firewall that drops, or a full backlog",
    "connect-unreachable": "there is no route to the address",
    "connect-failed": "the connection could not be made; run.log has the message",
    "no-connection":
      "no connection came free in client.timeout: the endpoint is down, or client.connections are too few",
    "unfinished": "no answer when the drain was over: the endpoint stalled, or takes longer than client.timeout",
    "no-local-port": "this machine ran out of local ports: fewer connections, or requests that keep them open",
    "no-descriptors": "this process may open no more descriptors: raise ulimit -n or use fewer connections",
    "reset-before-answer": "the endpoint cut connections: restarted, overloaded, or a proxy between them gave up",
    "reset-within-answer": "the endpoint cut connections within an answer: it crashed or was restarted",
    "closed-before-answer":
      "the endpoint closed connections unanswered: restarted, or its idle time-out is shorter than the gaps between requests",
    "closed-within-answer": "the endpoint closed connections within an answer: it crashed or was restarted",
    "timeout": "no answer within client.timeout: the endpoint stalled, or takes longer than that",
    "malformed-http": "what answers speaks no HTTP/1.1: another port, or https:// where TLS is spoken",
    "answer-too-large": "the answer is larger than any of PutRecords: is it a Kinesis endpoint?",
    "name-not-resolved": "the host's name has no address: check the name and the resolver",
    "name-elsewhere":
      "the host's name now leads to addresses that nobody agreed to: use https with a certificate that is verified, or begin anew",
    "proxy-refused": "the proxy refused the tunnel: check https_proxy and no_proxy",
    "tls-handshake": "the TLS handshake failed: does the port speak TLS, and in which version?",
    "tls-certificate": "the certificate was not accepted: --ca-file names a private issuer",
    "tls-protocol": "the encrypted connection broke the protocol: a proxy or a crash between them",
    "malformed-answer": "the answer is none of PutRecords: is it a Kinesis endpoint?",
    "record-count-mismatch": "the answer has another number of records than the request: the endpoint is at fault",
    "InternalFailure": "the service failed at the time: sending the records again helps (client.retry)",
    "ServiceUnavailable": "the service was not available: back off and send again (client.retry)",
    "http-500": "the endpoint failed; its own log says why",
    "http-502": "a proxy found no endpoint behind it: was it restarted?",
    "http-503": "the endpoint or a proxy was overloaded or restarting: back off and send again (client.retry)",
    "http-504": "a proxy waited in vain for the endpoint: it stalled or is overloaded",
    "http-403": "access was refused: credentials, policy, or a proxy",
    "http-404": "nothing is served at this path: is it a Kinesis endpoint?",
    "http-413": "the request is larger than the endpoint or a proxy allows: lower batch.bytes",
    "http-429": "a proxy limits requests: back off (client.retry)",
    "ResourceNotFoundException": "there is no such stream, or not in this region and account",
    "AccessDeniedException": "the credentials may not do kinesis:PutRecords on this stream",
    "UnrecognizedClientException": "the access key is not known there: another account, or a deleted key",
    "InvalidSignatureException": "the signature was refused: the secret is wrong, or the clock is off",
    "ExpiredTokenException": "the session token has expired: renew the credentials",
    "ValidationException": "the endpoint refused the request's form: its message says what",
    "LimitExceededException": "too many calls at once for the account: back off (client.retry)",
    "KMSThrottlingException": "the stream's key was asked too often: a quota of KMS, not of the shard",
  ]
}
