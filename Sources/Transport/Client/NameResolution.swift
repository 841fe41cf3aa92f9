import Glibc

/// From an endpoint's host to the addresses to connect to.
package enum NameResolution {
  /// A name without an address.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name asked for.
    package let host: String
    /// The resolver's own words.
    package let reason: String

    /// For example `no address for "kinesis.local": Name or service not known`.
    package var description: String { "no address for \"\(host)\": \(reason)" }
  }

  /// All addresses of the endpoint in the resolver's order, each once. Blocks while a name server is asked; an address in
  /// numbers needs none.
  package static func addresses(of endpoint: Endpoint) throws(Failure) -> [SocketAddress] {
    if let address = SocketAddress(numeric: endpoint.host, port: endpoint.port) { return [address] }
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(endpoint.host, nil, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    if code != 0 {
      let reason = code == EAI_SYSTEM ? SystemCalls.message(of: errno) : String(cString: gai_strerror(code))
      throw Failure(host: endpoint.host, reason: reason)
    }
    var found: [SocketAddress] = []
    var entry = list
    while let info = entry?.pointee {
      if let raw = info.ai_addr, info.ai_family == AF_INET || info.ai_family == AF_INET6 {
        let bytes = Array(UnsafeRawBufferPointer(start: raw, count: Int(info.ai_addrlen)))
        let address = SocketAddress(bytes: bytes).with(port: endpoint.port)
        if !found.contains(address) { found.append(address) }
      }
      entry = info.ai_next
    }
    if found.isEmpty { throw Failure(host: endpoint.host, reason: "the name has no IPv4 or IPv6 address") }
    return found
  }
}
