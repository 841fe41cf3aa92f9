import Glibc

/// Why a server cannot listen.
package enum HTTPServerFailure: Error, Hashable, Sendable {
  /// Another socket has the port.
  case addressInUse(host: String, port: UInt16)
  /// The address is none of this machine's.
  case addressNotAvailable(host: String)
  /// The port needs rights this process lacks.
  case notPermitted(port: UInt16)
  /// The host's name has no address.
  case nameNotResolved(NameResolution.Failure)
  /// Something else the system refused.
  case system(SystemCallFailure)

  /// The failure that a system call's error stands for.
  init(_ failure: SystemCallFailure, host: String, port: UInt16) {
    switch failure.errorNumber {
    case EADDRINUSE: self = .addressInUse(host: host, port: port)
    case EADDRNOTAVAIL: self = .addressNotAvailable(host: host)
    case EACCES: self = .notPermitted(port: port)
    default: self = .system(failure)
    }
  }
}

extension HTTPServerFailure: CustomStringConvertible {
  /// A sentence that says what can be done.
  package var description: String {
    switch self {
    case .addressInUse(let host, let port):
      "port \(port) of \(host) is in use; choose another, or 0 for any free one"
    case .addressNotAvailable(let host): "this machine has no address \(host)"
    case .notPermitted(let port): "port \(port) needs more rights than this process has; choose one from 1024 on"
    case .nameNotResolved(let failure): failure.description
    case .system(let failure): failure.description
    }
  }
}
