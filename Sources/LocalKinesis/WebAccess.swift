import Transport

/// Which web pages an endpoint answers, and under which names of its host.
///
/// A browser lets pages of any site send requests to services of this machine. Two headers that no page can forge tell them
/// apart: `Origin` says whose page asks, and `Host` under which name it reached the endpoint. A page whose own name was
/// made to lead to this machine (DNS rebinding) has no foreign origin in the browser's eyes, only a foreign `Host`.
package struct WebAccess: Sendable, Equatable {
  private let origins: Set<String>
  private let names: Set<String>
  private let takesAnyName: Bool

  /// The rules of the data port.
  ///
  /// - Parameters:
  ///   - configuration: the names and origins allowed, and the name listened at, which is the endpoint's own.
  ///   - isLoopback: whether only this machine reaches the endpoint. Elsewhere, as in a service container, it goes by names
  ///     it cannot know, so any is taken unless some are allowed by name.
  package init(_ configuration: EmbeddedTargetConfiguration, isLoopback: Bool) {
    origins = Set(configuration.allowedOrigins)
    names = Set(configuration.allowedHosts + [configuration.host].compactMap(Self.name(ofHost:)))
    takesAnyName = !isLoopback && configuration.allowedHosts.isEmpty
  }

  /// The rules of the admin API: pages of its own address only, under the names of this machine and those allowed.
  package init(adminAllowing names: [String]) {
    origins = []
    self.names = Set(names)
    takesAnyName = false
  }

  /// Whether pages of an origin may use the endpoint and read its answers.
  package func admits(origin: String) -> Bool { origins.contains(origin.lowercased()) }

  /// Whether the endpoint answers under a `Host`; without one no browser asks, which sends it always.
  package func admits(host: String?) -> Bool {
    guard !takesAnyName, let host else { return true }
    guard let name = Self.name(ofHostField: host) else { return false }
    return name == "localhost" || names.contains(name)
      || SocketAddress(numeric: name, port: 0).map(\.isLoopback) ?? false
  }

  /// Why a request is refused, for its answer; nil when it is not.
  package func refusal(host: String?, origin: String?) -> String? {
    if !admits(host: host) {
      return "This endpoint is not reached under the host \(host ?? ""): start it with --allow-host to allow a name."
    }
    if let origin, !admits(origin: origin) {
      return "Pages of the origin \(origin) may not use this endpoint: start it with --allow-origin to allow an origin."
    }
    return nil
  }

  /// Whether an origin is that of a plain endpoint reached under a `Host`.
  package static func isSame(origin: String, host: String) -> Bool {
    Self.origin(of: origin) != nil && Self.origin(of: origin) == Self.origin(of: "http://\(host)")
  }

  // MARK: Reading

  /// The origin that a URL of a page names, as browsers write it: scheme, host and, where it is not the scheme's own, port,
  /// in lower case. Nil for what names none, or more than one (`*`), or more than an origin.
  package static func origin(of url: String) -> String? {
    let text = url.lowercased()
    guard let mark = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<mark.lowerBound]
    var authority = text[mark.upperBound...]
    if authority.last == "/" { authority = authority.dropLast() }
    guard scheme.utf8.first.map(isLetter) ?? false, scheme.utf8.allSatisfy({ isLetter($0) || isSchemeByte($0) }),
      let (name, port) = parts(ofAuthority: authority)
    else { return nil }
    let usual = scheme == "http" ? 80 : scheme == "https" ? 443 : nil
    let shownName = name.contains(":") ? "[\(name)]" : name
    return "\(scheme)://\(shownName)" + (port.flatMap { $0 == usual ? nil : ":\($0)" } ?? "")
  }

  /// A host as a rule names it: in lower case, without a port and a last dot; nil when it is none.
  package static func name(ofHost text: String) -> String? {
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    if SocketAddress(numeric: bare, port: 0) != nil { return bare.lowercased() }
    guard let (name, port) = parts(ofAuthority: text.lowercased()[...]), port == nil, !text.contains(":") else {
      return nil
    }
    return name
  }

  /// The host in a `Host` field; nil when it is none.
  private static func name(ofHostField text: String) -> String? { parts(ofAuthority: text.lowercased()[...])?.name }

  /// `name`, `name:port`, `[address]` or `[address]:port` (RFC 3986 section 3.2.2), nothing else beside them.
  private static func parts(ofAuthority text: Substring) -> (name: String, port: Int?)? {
    var name = text
    var port: Int?
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      guard SocketAddress(numeric: String(name), port: 0)?.host.contains(":") ?? false else { return nil }
      let rest = text[text.index(after: end)...]
      if !rest.isEmpty {
        guard rest.first == ":", let number = number(ofPort: rest.dropFirst()) else { return nil }
        port = number
      }
      return (String(name), port)
    }
    if let colon = text.firstIndex(of: ":") {
      guard let number = number(ofPort: text[text.index(after: colon)...]) else { return nil }
      (name, port) = (text[..<colon], number)
    }
    if name.last == "." { name = name.dropLast() }
    guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy({ isLetter($0) || isNameByte($0) }) else {
      return nil
    }
    return (String(name), port)
  }

  private static func number(ofPort text: Substring) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(isDigit), let port = Int(text), port <= 65_535 else {
      return nil
    }
    return port
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
  }
  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
  }
}
