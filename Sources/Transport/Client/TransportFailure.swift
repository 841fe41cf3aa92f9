import Glibc

/// Why a request got no usable answer. The set is closed and the codes are stable: they are rows of the results.
package enum TransportFailure: UInt8, CaseIterable, Sendable {
  /// Nobody listens at the address.
  case connectRefused
  /// The connection was not made in time.
  case connectTimeout
  /// No route to the address.
  case unreachable
  /// The connection attempt failed in another way.
  case connectFailed
  /// This machine has no free local port for another connection (`EADDRNOTAVAIL`): a limit of the generator.
  case noLocalPort
  /// This process may open no more descriptors: a limit of the generator.
  case noDescriptors
  /// The peer reset the connection before any byte of the answer.
  case resetBeforeAnswer
  /// The peer reset the connection when part of the answer had arrived.
  case resetWithinAnswer
  /// The peer ended the connection before any byte of the answer.
  case closedBeforeAnswer
  /// The peer ended the connection when part of the answer had arrived.
  case closedWithinAnswer
  /// The answer did not arrive in time.
  case timeout
  /// What arrived is not HTTP/1.x.
  case malformedHTTP
  /// The answer's head or body is larger than allowed.
  case answerTooLarge
  /// The host's name has no address.
  case nameNotResolved
  /// The host's name leads to other addresses than those that were agreed to, and no certificate vouches for them.
  case nameElsewhere
  /// The proxy did not let the connection through.
  case proxyRefused
  /// The TLS handshake failed for a reason other than the certificate.
  case tlsHandshake
  /// The peer's certificate was not accepted: unknown issuer, other host name, expired.
  case tlsCertificate
  /// An encrypted connection broke the protocol after the handshake.
  case tlsProtocol

  /// The stable word for tables and files.
  package var code: String {
    switch self {
    case .connectRefused: "connect-refused"
    case .connectTimeout: "connect-timeout"
    case .unreachable: "connect-unreachable"
    case .connectFailed: "connect-failed"
    case .noLocalPort: "no-local-port"
    case .noDescriptors: "no-descriptors"
    case .resetBeforeAnswer: "reset-before-answer"
    case .resetWithinAnswer: "reset-within-answer"
    case .closedBeforeAnswer: "closed-before-answer"
    case .closedWithinAnswer: "closed-within-answer"
    case .timeout: "timeout"
    case .malformedHTTP: "malformed-http"
    case .answerTooLarge: "answer-too-large"
    case .nameNotResolved: "name-not-resolved"
    case .nameElsewhere: "name-elsewhere"
    case .proxyRefused: "proxy-refused"
    case .tlsHandshake: "tls-handshake"
    case .tlsCertificate: "tls-certificate"
    case .tlsProtocol: "tls-protocol"
    }
  }

  /// The failure with this code, or nil.
  package init?(code: String) {
    guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = found
  }
}

extension TransportFailure {
  /// The failure that an error number of `socket`, `connect` or a pending connect stands for.
  init(connecting errorNumber: Int32) {
    switch errorNumber {
    case ECONNREFUSED: self = .connectRefused
    case ETIMEDOUT: self = .connectTimeout
    case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN: self = .unreachable
    case EADDRNOTAVAIL: self = .noLocalPort
    case EMFILE, ENFILE: self = .noDescriptors
    default: self = .connectFailed
    }
  }
}
