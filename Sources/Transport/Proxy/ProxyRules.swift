/// Which proxy stands before an endpoint, as environment variables say.
///
/// `https_proxy` is for `https` endpoints, which are reached by a tunnel; `no_proxy` lists what is reached straight. The
/// names are looked up in lower case first, as curl and Python do. This machine is always reached straight.
package struct ProxyRules: Sendable {
  private let environment: [String: String]

  /// Rules of a process environment.
  package init(environment: [String: String]) {
    self.environment = environment
  }

  /// How an endpoint is reached.
  package enum Way: Hashable, Sendable {
    /// Without a proxy.
    case straight
    /// Through a tunnel; `variable` is where it was named.
    case tunnel(Proxy, variable: String)
    /// A proxy is set for requests in the clear, which this program does not send through one.
    case unsupported(variable: String)
  }

  /// The way to an endpoint.
  ///
  /// - Throws: ``ProxyFailure`` when the variable's value is no proxy; its description names the variable.
  package func way(to endpoint: Endpoint) throws(ProxyFailure) -> Way {
    guard !endpoint.isLoopback, !isExcepted(endpoint), let (variable, url) = value("\(endpoint.scheme.rawValue)_proxy")
    else { return .straight }
    guard endpoint.scheme == .https else { return .unsupported(variable: variable) }
    do {
      return .tunnel(try Proxy(url: url), variable: variable)
    } catch {
      throw ProxyFailure(problem: "\(variable): \(error.problem)")
    }
  }

  /// Whether `no_proxy` names the endpoint: `*` names all; an entry names a host and all names below it, with or without
  /// a leading dot, and with a port only that port. Addresses are compared as numbers.
  private func isExcepted(_ endpoint: Endpoint) -> Bool {
    guard let list = value("no_proxy")?.value else { return false }
    let address = SocketAddress(numeric: endpoint.host, port: 0)
    return list.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
      if entry == "*" { return true }
      var host = entry.lowercased()[...]
      var isBracketed = false
      if host.first == "[", let end = host.firstIndex(of: "]") {
        let port = host[host.index(after: end)...]
        if !port.isEmpty, port != ":\(endpoint.port)" { return false }
        host = host[host.index(after: host.startIndex)..<end]
        isBracketed = true
      }
      if !isBracketed, host.count(where: { $0 == ":" }) == 1, let colon = host.firstIndex(of: ":") {
        if host[host.index(after: colon)...] != "\(endpoint.port)" { return false }
        host = host[..<colon]
      }
      if let address { return SocketAddress(numeric: String(host), port: 0) == address }
      if host.first == "." { host = host.dropFirst() }
      return !host.isEmpty && (endpoint.host == host || endpoint.host.hasSuffix("." + host))
    }
  }

  private func value(_ name: String) -> (name: String, value: String)? {
    for name in [name, name.uppercased()] {
      if let value = environment[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }
}
