import Glibc

/// A numeric address with its port, in the kernel's own layout.
package struct SocketAddress: Hashable, Sendable {
  /// A `sockaddr_in` or `sockaddr_in6` as bytes.
  private let bytes: [UInt8]

  /// Takes over the bytes of a C socket address.
  init(bytes: [UInt8]) {
    precondition(bytes.count >= MemoryLayout<sa_family_t>.size, "a socket address begins with its family")
    self.bytes = bytes
  }

  /// An IPv4 or IPv6 address in numbers (`127.0.0.1`, `::1`), or nil when the text is neither.
  package init?(numeric host: String, port: UInt16) {
    var four = sockaddr_in()
    if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      self.init(bytes: withUnsafeBytes(of: &four) { Array($0) })
      return
    }
    var six = sockaddr_in6()
    if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      self.init(bytes: withUnsafeBytes(of: &six) { Array($0) })
      return
    }
    return nil
  }

  /// `AF_INET`, `AF_INET6` or another of the C library's families.
  package var family: Int32 {
    bytes.withUnsafeBytes { Int32($0.loadUnaligned(as: sa_family_t.self)) }
  }

  /// The port, 0 for a family that has none.
  package var port: UInt16 {
    guard isInternet else { return 0 }
    // Both internet layouts keep it right after the family.
    return bytes.withUnsafeBytes { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
  }

  /// The address in numbers, without the port.
  package var host: String {
    guard isInternet else { return "" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    // The IPv4 address starts at byte 4, the IPv6 one after the flow label at byte 8.
    let offset = family == AF_INET ? 4 : 8
    bytes.withUnsafeBytes { raw in
      _ = inet_ntop(family, raw.baseAddress.map { $0 + offset }, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it names this machine itself: 127.0.0.0/8, `::1`, or the former written as IPv6 (RFC 1122 3.2.1.3, RFC 4291 2.5.3).
  package var isLoopback: Bool {
    if family == AF_INET { return bytes[4] == 127 }
    guard family == AF_INET6 else { return false }
    let address = bytes[8..<24]
    let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    if address.starts(with: mappedPrefix) { return address[20] == 127 }
    return address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
  }

  /// Whether a connection to it stays on this machine: a loopback address, or the unspecified one, which Linux takes for it
  /// (RFC 1122 3.2.1.3: "this host on this network"; RFC 4291 2.5.2). To listen at the unspecified one is another thing.
  package var isThisMachine: Bool {
    if isLoopback { return true }
    if family == AF_INET { return bytes[4..<8].allSatisfy { $0 == 0 } }
    guard family == AF_INET6 else { return false }
    let mapped = bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18..<20].allSatisfy { $0 == 0xff }
    return bytes[20..<24].allSatisfy { $0 == 0 } && (mapped || bytes[8..<20].allSatisfy { $0 == 0 })
  }

  /// The same address with another port.
  package func with(port: UInt16) -> SocketAddress {
    guard isInternet else { return self }
    var bytes = bytes
    bytes[2] = UInt8(port >> 8)
    bytes[3] = UInt8(port & 0xff)
    return SocketAddress(bytes: bytes)
  }

  /// Lends the C form to a system call.
  func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes { raw in
      body(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
    }
  }

  private var isInternet: Bool {
    (family == AF_INET && bytes.count >= MemoryLayout<sockaddr_in>.size)
      || (family == AF_INET6 && bytes.count >= MemoryLayout<sockaddr_in6>.size)
  }
}

extension SocketAddress: CustomStringConvertible {
  /// `127.0.0.1:4567` or `[::1]:4567`.
  package var description: String { family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
