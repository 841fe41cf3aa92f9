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
