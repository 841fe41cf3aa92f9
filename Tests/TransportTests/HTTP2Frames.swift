import CNGHTTP2
import Testing

/// Frames of HTTP/2 written byte by byte, as RFC 9113 has them.
enum Frames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let endStream: UInt8 = 1
  static let ack: UInt8 = 1
  static let endHeaders: UInt8 = 4
  /// What a client opens a connection with.
  static let opening = preface + frame(4)
  /// The least a request names.
  static let get = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/g")]
  static let post = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/p")]

  /// Any frame.
  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    let count = payload.count
    return [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags] + number(stream) + payload
  }

  /// A head whose fields are literals that no table remembers (RFC 7541 section 6.2.2), without Huffman's code.
  static func headers(_ stream: UInt32, _ fields: [(String, String)], end: Bool = true) -> [UInt8] {
    frame(1, flags: endHeaders | (end ? endStream : 0), stream: stream, block(fields))
  }

  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + text($0.0) + text($0.1) }
  }

  static func data(_ stream: UInt32, _ text: String, end: Bool = true) -> [UInt8] {
    frame(0, flags: end ? endStream : 0, stream: stream, Array(text.utf8))
  }

  static func reset(_ stream: UInt32, code: UInt32 = 8) -> [UInt8] { frame(3, stream: stream, number(code)) }

  static func setting(_ name: UInt8, _ value: UInt32) -> [UInt8] { frame(4, [0, name] + number(value)) }

  static func ping() -> [UInt8] { frame(6, [0, 1, 2, 3, 4, 5, 6, 7]) }

  static func update(_ stream: UInt32, _ increment: UInt32) -> [UInt8] { frame(8, stream: stream, number(increment)) }

  static func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  private static func text(_ text: String) -> [UInt8] {
    var (length, prefix) = (text.utf8.count, [UInt8]())
    if length < 127 {
      prefix = [UInt8(length)]
    } else {
      // An integer beyond its prefix goes on in groups of seven bits (RFC 7541 section 5.1).
      prefix = [127]
      length -= 127
      while length >= 128 {
        prefix.append(UInt8(length & 127) | 128)
        length >>= 7
      }
      prefix.append(UInt8(length))
    }
    return prefix + Array(text.utf8)
  }
}

/// What a client has got, frame by frame in words.
struct FrameTrace {
  /// Each frame in the order sent, such as `1 HEADERS :status=200 content-length=0 END`.
  private(set) var frames: [String] = []
  /// What is left of the last frame.
  private(set) var rest: [UInt8] = []

  private static let names = [
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
    "CONTINUATION",
  ]
  private static let errors = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
  ]

  init(_ bytes: [UInt8]) {
    var inflater: OpaquePointer?
    nghttp2_hd_inflate_new(&inflater)
    defer { nghttp2_hd_inflate_del(inflater) }
    var bytes = bytes[...]
    while bytes.count >= 9 {
      let head = Array(bytes.prefix(9))
      let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard bytes.count >= 9 + count else { break }
      let payload = Array(bytes.dropFirst(9).prefix(count))
      bytes = bytes.dropFirst(9 + count)
      let stream = Self.number(head[5...])
      var words = [Self.names[Int(head[3])]]
      if stream > 0 { words.insert("\(stream)", at: 0) }
      switch head[3] {
      case 0: words.append("'\(String(decoding: payload, as: UTF8.self))'")
      case 1: words += Self.fields(payload, inflater)
      case 3: words.append(Self.errors[Self.number(payload[...])])
      case 7: words += ["\(Self.number(payload[..<4]))", Self.errors[Self.number(payload[4..<8])]]
      case 8: words.append("\(Self.number(payload[...]))")
      default: break
      }
      if head[3] <= 1, head[4] & 1 != 0 { words.append("END") }
      if head[3] == 4 || head[3] == 6, head[4] & 1 != 0 { words.append("ACK") }
      frames.append(words.joined(separator: " "))
    }
    rest = Array(bytes)
  }

  /// The frames of each stream, in their order; those of the connection, whose order says nothing, sorted under 0.
  var byStream: [Int: [String]] {
    var streams = Dictionary(grouping: frames) { Int($0.prefix { $0 != " " }) ?? 0 }
    streams[0]?.sort()
    return streams
  }

  /// The frames without those that only open a connection.
  var told: [String] { frames.filter { !$0.hasPrefix("SETTINGS") && !$0.contains("WINDOW_UPDATE") } }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private static func fields(_ block: [UInt8], _ inflater: OpaquePointer?) -> [String] {
    var found: [String] = []
    block.withUnsafeBufferPointer { block in
      var start = 0
      while true {
        var field = nghttp2_nv()
        var flags: Int32 = 0
        let used = nghttp2_hd_inflate_hd2(
          inflater, &field, &flags, block.baseAddress.map { $0 + start }, block.count - start, 1)
        guard used >= 0 else {
          Issue.record("a head that cannot be read")
          return
        }
        start += used
        if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
          let name = UnsafeBufferPointer(start: field.name, count: field.namelen)
          let value = UnsafeBufferPointer(start: field.value, count: field.valuelen)
          found.append("\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))")
        } else if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
          nghttp2_hd_inflate_end_headers(inflater)
          return
        }
      }
    }
    return found
  }
}
