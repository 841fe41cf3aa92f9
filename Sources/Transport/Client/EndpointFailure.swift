/// A URL that names no endpoint.
package struct EndpointFailure: Error, Hashable, Sendable {
  /// The part that is wrong.
  package enum Reason: Sendable {
    /// Not `http://` or `https://`.
    case scheme
    /// A user name or password, which would end up in reports.
    case userInformation
    /// No host, or one that can be neither a name nor an address.
    case host
    /// Not 1...65535.
    case port
    /// A path, query or fragment.
    case path
  }

  /// The text as given.
  package let text: String
  /// What is wrong with it.
  package let reason: Reason

  /// A failure to read this text.
  package init(text: String, reason: Reason) {
    self.text = text
    self.reason = reason
  }
}

extension EndpointFailure: CustomStringConvertible {
  /// A sentence with what was expected; a password is not repeated.
  package var description: String {
    // What stands before an @ may be a password, whatever else is wrong.
    let text = text.contains("@") ? "one with an @" : "\"\(text)\""
    return switch reason {
    case .scheme: "expected http://HOST[:PORT] or https://HOST[:PORT], found \(text)"
    case .userInformation: "expected a URL without user name and password"
    case .host: "expected a host name, an IPv4 address or an IPv6 address in brackets, found \(text)"
    case .port: "expected a port from 1 to 65535, found \(text)"
    case .path: "expected a URL that ends after the host and port, found \(text)"
    }
  }
}
