/// A TLS stream that first asks a proxy to let it through: the handshake of the one follows that of the other.
final class TunnelledStream: ByteStream {
  private enum State {
    /// So many bytes of the request have been sent.
    case asking(sent: Int)
    /// The answer's head as far as it came.
    case listening(head: [UInt8])
    /// The proxy only passes bytes on.
    case open
  }

  /// The longest head of an answer.
  private static let longestHead = 16 << 10

  private let inner: TLSStream
  private let request: [UInt8]
  private var state = State.asking(sent: 0)
  private var refusal: String?

  /// Takes over a stream whose socket leads to the proxy.
  init(_ inner: TLSStream, through tunnel: ProxyTunnel) {
    self.inner = inner
    request = tunnel.request
  }

  var descriptor: Int32 { inner.descriptor }
  var isDrainedByShortTransfer: Bool { inner.isDrainedByShortTransfer }
  var isResumed: Bool { inner.isResumed }
  var failureDetail: String? { refusal ?? inner.failureDetail }

  func shakeHands() -> StreamHandshake {
    while true {
      switch state {
      case .asking(let sent):
        let rest = request.withUnsafeBytes {
          SystemCalls.send(descriptor, UnsafeRawBufferPointer(rebasing: $0[sent...]))
        }
        switch rest {
        case .bytes(let count):
          state = sent + count == request.count ? .listening(head: []) : .asking(sent: sent + count)
        case .wouldBlock: return .wouldBlock
        case .failed: return refused("the proxy ended the connection")
        }
      case .listening(let head):
        var room = [UInt8](repeating: 0, count: 1024)
        switch room.withUnsafeMutableBytes({ SystemCalls.receive(descriptor, into: $0) }) {
        case .bytes(0), .failed: return refused("the proxy ended the connection")
        case .wouldBlock: return .wouldBlock
        case .bytes(let count):
          if let failure = take(head + room[..<count]) { return failure }
        }
      case .open:
        return inner.shakeHands()
      }
    }
  }

  func receive(into room: UnsafeMutableRawBufferPointer) -> StreamTransfer { inner.receive(into: room) }
  func send(_ bytes: UnsafeRawBufferPointer) -> StreamTransfer { inner.send(bytes) }
  func endSending() { inner.endSending() }
  func close(reset: Bool) { inner.close(reset: reset) }

  /// Looks at the answer so far.
  ///
  /// - Returns: the failure it is, nil to go on.
  private func take(_ head: [UInt8]) -> StreamHandshake? {
    let line = head.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let isLineWhole = line.count < head.count
    if isLineWhole || head.count >= 9 {
      guard head.starts(with: Array("HTTP/1.".utf8)) else { return refused("what listens there is no HTTP proxy") }
    }
    guard isLineWhole else {
      state = .listening(head: head)
      return head.count > Self.longestHead ? refused("the proxy's answer does not end") : nil
    }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count >= 2, let status = Int(words[1]) else { return refused("the proxy's answer has no status") }
    // Any answer of the 200s opens the tunnel, and has no body.
    guard (200..<300).contains(status) else {
      let reason = words.count > 2 ? words[2].prefix(60).filter { $0.isASCII && !$0.isNewline } : ""
      return refused("the proxy answers \(status)\(reason.isEmpty ? "" : " \(reason)")")
    }
    guard let end = HTTPText.endOfHead(head) else {
      state = .listening(head: head)
      return head.count > Self.longestHead ? refused("the proxy's answer does not end") : nil
    }
    // The server behind it does not speak first, so nothing may follow.
    guard end == head.count else { return refused("the proxy says more than its answer") }
    state = .open
    return nil
  }

  private func refused(_ detail: String) -> StreamHandshake {
    refusal = detail
    return .failed(.proxyRefused)
  }
}

extension HTTPText {
  /// One past the empty line that ends a head, whose lines end with or without a carriage return; nil before it has come.
  fileprivate static func endOfHead(_ head: [UInt8]) -> Int? {
    var isLineEmpty = false
    for (index, byte) in head.enumerated() where byte != UInt8(ascii: "\r") {
      if byte == UInt8(ascii: "\n") {
        if isLineEmpty { return index + 1 }
        isLineEmpty = true
      } else {
        isLineEmpty = false
      }
    }
    return nil
  }
}
