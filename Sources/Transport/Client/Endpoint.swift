/// Where requests go: the parts of a URL such as `https://kinesis.eu-west-1.amazonaws.com` or `http://[::1]:4567/`.
package struct Endpoint: Hashable, Sendable {
  /// How bytes travel.
  package enum Scheme: String, Sendable {
    /// In the clear.
    case http
    /// Inside TLS.
    case https

    /// The port meant when the URL names none (RFC 9110 section 4.2).
    package var defaultPort: UInt16 { self == .http ? 80 : 443 }
  }

  /// Plain or encrypted.
  package let scheme: Scheme
  /// A name in lower case, or an address in numbers; an IPv6 address without brackets.
  package let host: String
  /// 1...65535.
  package let port: UInt16

  /// An endpoint from its parts; `host` as the property describes it.
  package init(scheme: Scheme, host: String, port: UInt16) {
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  /// Reads a URL: scheme, host and port only, since the service has no paths.
  ///
  /// - Throws: `EndpointFailure`, which says what was expected.
  package init(url: String) throws(EndpointFailure) {
    func failure(_ reason: EndpointFailure.Reason) -> EndpointFailure { EndpointFailure(text: url, reason: reason) }
    let bytes = Array(url.utf8)
    guard let schemeEnd = bytes.firstIndex(of: UInt8(ascii: ":")),
      bytes[(schemeEnd + 1)...].starts(with: Array("//".utf8))
    else { throw failure(.scheme) }
    guard let scheme = Scheme(rawValue: String(decoding: bytes[..<schemeEnd], as: UTF8.self).lowercased())
    else { throw failure(.scheme) }

    let rest = bytes[(schemeEnd + 3)...]
    let authorityEnd = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
    let path = rest[authorityEnd...]
    if !path.isEmpty && !path.elementsEqual("/".utf8) { throw failure(.path) }
    let authority = rest[..<authorityEnd]
    if authority.contains(UInt8(ascii: "@")) { throw failure(.userInformation) }

    let host: String
    let portText: ArraySlice<UInt8>?
    if authority.first == UInt8(ascii: "[") {
      guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { throw failure(.host) }
      host = String(decoding: authority[(authority.startIndex + 1)..<bracket], as: UTF8.self).lowercased()
      guard host.contains(":"), SocketAddress(numeric: host, port: 0) != nil else { throw failure(.host) }
      let after = authority[(bracket + 1)...]
      if after.isEmpty {
        portText = nil
      } else {
        guard after.first == UInt8(ascii: ":") else { throw failure(.port) }
        portText = after.dropFirst()
      }
    } else {
      let colon = authority.firstIndex(of: UInt8(ascii: ":"))
      let name = authority[..<(colon ?? authority.endIndex)]
      guard Endpoint.isHostName(name) else { throw failure(.host) }
      host = String(decoding: name, as: UTF8.self).lowercased()
      portText = colon.map { authority[($0 + 1)...] }
    }

    if let portText {
      let isNumber = !portText.isEmpty && portText.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      guard isNumber, let port = UInt16(String(decoding: portText, as: UTF8.self)), port > 0 else {
        throw failure(.port)
      }
      self.init(scheme: scheme, host: host, port: port)
    } else {
      self.init(scheme: scheme, host: host, port: scheme.defaultPort)
    }
  }

  /// The value of the `Host` field, as it is sent and signed: the port only when it is not the scheme's own.
  package var hostHeader: String {
    port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)"
  }

  /// The canonical form, without a path.
  package var url: String { "\(scheme.rawValue)://\(hostHeader)" }

  /// Whether the host can only be this machine: `localhost` and names below it (RFC 6761 section 6.3), or a loopback
  /// address, or the unspecified one, which leads to it. A name that merely resolves to one does not count.
  package var isLoopback: Bool {
    if let address = SocketAddress(numeric: host, port: port) { return address.isThisMachine }
    return host == "localhost" || host.hasSuffix(".localhost")
  }

  private var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

  /// Labels of 1 to 63 letters, digits, hyphens (and underscores, which container networks use), 253 bytes in all.
  private static func isHostName(_ name: ArraySlice<UInt8>) -> Bool {
    if name.isEmpty || name.count > 253 { return false }
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    // A dot at the end only says that the name is complete.
    let meaningful = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
    return meaningful.allSatisfy { label in
      (1...63).contains(label.count)
        && label.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
          default: false
          }
        }
    }
  }
}

extension Endpoint: CustomStringConvertible {
  /// The canonical URL.
  package var description: String { url }
}
