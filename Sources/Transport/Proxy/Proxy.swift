import COpenSSL

/// An HTTP proxy that is asked for tunnels. Its descriptions never show the password.
package struct Proxy: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// Where it listens, always in the clear.
  package let endpoint: Endpoint
  /// The value of `Proxy-Authorization`, present with a user in the URL.
  let authorization: String?

  /// Reads a proxy's URL: `http://[USER:PASSWORD@]HOST:PORT`, or the same without the scheme.
  ///
  /// User and password are percent-decoded and sent by the Basic scheme (RFC 7617).
  package init(url: String) throws(ProxyFailure) {
    var rest = url[...]
    if let scheme = rest.firstRange(of: "://") {
      switch rest[..<scheme.lowerBound].lowercased() {
      case "http": break
      case "https": throw ProxyFailure(problem: "a proxy that is itself reached by https is not supported")
      default: throw ProxyFailure(problem: "expected http://[USER:PASSWORD@]HOST:PORT")
      }
      rest = rest[scheme.upperBound...]
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let userEnd = authority.lastIndex(of: "@")
    do {
      endpoint = try Endpoint(url: "http://" + (userEnd.map { authority[authority.index(after: $0)...] } ?? authority))
    } catch {
      // The endpoint's own words repeat the text, and with it what may be half of a password.
      throw ProxyFailure(problem: "expected http://[USER:PASSWORD@]HOST:PORT")
    }
    guard let userEnd else {
      authorization = nil
      return
    }
    let parts = authority[..<userEnd].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let user = Self.decoded(parts[0]), let password = Self.decoded(parts.count > 1 ? parts[1] : "") else {
      throw ProxyFailure(problem: "user or password have a % that does not begin two hexadecimal digits")
    }
    authorization = "Basic " + Self.base64(user + [UInt8(ascii: ":")] + password)
  }

  /// The address alone.
  package var description: String { endpoint.url }
  package var debugDescription: String { description }

  private static func decoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    // OpenSSL ends the text with a zero byte.
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
    return String(decoding: text.prefix(Int(count)), as: UTF8.self)
  }
}

/// Why a proxy's URL is of no use, without repeating it: it may hold a password.
package struct ProxyFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let problem: String
  package var description: String { problem }
}

/// What is said to a proxy so that it connects this program with an endpoint (RFC 9110 section 9.3.6, `CONNECT`).
///
/// It may hold a password, which its descriptions do not show.
package struct ProxyTunnel: Sendable {
  /// The proxy's address, without user and password.
  package let proxy: Endpoint
  /// The whole request.
  let request: [UInt8]

  /// The way to an endpoint through a proxy.
  package init(to endpoint: Endpoint, through proxy: Proxy) {
    // The port always stands in the request's target, also when it is the usual one.
    let host = endpoint.host.utf8.contains(UInt8(ascii: ":")) ? "[\(endpoint.host)]" : endpoint.host
    let target = "\(host):\(endpoint.port)"
    var text = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\nUser-Agent: shardmeter\r\n"
    if let authorization = proxy.authorization { text += "Proxy-Authorization: \(authorization)\r\n" }
    self.proxy = proxy.endpoint
    request = Array((text + "\r\n").utf8)
  }
}

extension ProxyTunnel: CustomStringConvertible, CustomDebugStringConvertible {
  /// Whose tunnel it is.
  package var description: String { "the proxy \(proxy.url)" }
  package var debugDescription: String { description }
}

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
