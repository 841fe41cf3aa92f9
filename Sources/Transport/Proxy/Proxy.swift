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
