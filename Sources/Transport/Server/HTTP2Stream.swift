import CNGHTTP2
import Glibc
import Measurement

/// One request of a connection of HTTP/2 and the answer to it. Objects are used again, with their buffers.
final class HTTP2Stream {
  enum Phase {
    /// The request is read.
    case reading
    /// The answer waits for its time.
    case delayed
    /// The answer was handed to nghttp2, and goes out as the client's windows allow.
    case sending
    /// There is no answer, or no longer: the stream ends with its reset.
    case silent
  }

  /// How much of the answer's body goes out, and what follows it.
  enum Ending {
    /// END_STREAM; after fewer bytes than the length says when the answer is cut short on purpose.
    case end
    /// RST_STREAM.
    case reset
  }

  /// What a stream's request and answer may each hold before they count as large.
  static let usualBytes = 16 << 10

  var id: Int32 = 0
  var phase = Phase.reading
  /// When the stream was opened, and later when a part of its answer was last taken.
  var progress = Instant(nanoseconds: 0)
  /// What the field section takes by the rule of RFC 9113 section 6.5.2: 32 bytes a field on top of name and value.
  var fieldBytes = 0
  /// The status to refuse the request with as soon as its head is complete.
  var refusal: Int?
  var contentLength: Int?
  var expectsContinue = false
  var isHead = false
  /// Whether the client may still send to the stream.
  var isRequestOpen = true
  /// When a delayed answer goes out.
  var due = Instant.distantFuture
  private var status = 200
  /// Whether the answer begins with a head at all; a reset at once has none.
  var hasHead = true
  /// The part of `answer` still to be sent.
  var unsent = 0..<0
  var ending = Ending.end
  /// What the buffers hold beyond their usual size, as the server's sum has it.
  var countedBytes = 0

  /// Method and target, one behind the other.
  let requestLine = ByteBuffer(capacity: 256)
  var method = 0..<0
  var target = 0..<0
  var authority = 0..<0
  /// The header fields as lines of HTTP/1.1, which is how handlers look at them.
  let fields = ByteBuffer(capacity: 1 << 10)
  let body = ByteBuffer(capacity: 4 << 10)
  /// The answer's fields as lines, then its status and length in digits.
  let head = ByteBuffer(capacity: 512)
  /// How much of `head` are lines.
  private var lines = 0
  let answer = ByteBuffer(capacity: 4 << 10)

  /// Begins a stream anew.
  func begin(id: Int32, at now: Instant) {
    self.id = id
    phase = .reading
    progress = now
    fieldBytes = 0
    refusal = nil
    contentLength = nil
    expectsContinue = false
    isHead = false
    isRequestOpen = true
    due = .distantFuture
    hasHead = true
    unsent = 0..<0
    ending = .end
    requestLine.count = 0
    fields.count = 0
    body.count = 0
    (method, target, authority) = (0..<0, 0..<0, 0..<0)
  }

  // MARK: The request

  /// Takes one field of the request's head, which nghttp2 has found well-formed.
  ///
  /// - Returns: false when `host` and `:authority` name different hosts (RFC 9113 section 8.3.1).
  func addField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 4 where equal(name, "host") && !authority.isEmpty:
      return UnsafeRawBufferPointer(rebasing: fields.bytes[authority]).elementsEqual(value)
    case 5 where equal(name, ":path"): target = addToLine(value)
    case 6 where equal(name, "expect"):
      expectsContinue = HTTPText.isEqual(value, ignoringCase: "100-continue")
      addLine(name, value)
    case 7 where equal(name, ":method"): method = addToLine(value)
    case 7 where equal(name, ":scheme"): break
    case 10 where equal(name, ":authority"):
      fields.append("host: ")
      authority = fields.count..<(fields.count + value.count)
      fields.append(value)
      fields.append("\r\n")
    case 14 where equal(name, "content-length"):
      contentLength = Self.number(value)
      addLine(name, value)
    default: addLine(name, value)
    }
    return true
  }

  /// The method, as sent.
  var methodBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: requestLine.bytes[method]) }

  /// Path and query, as sent.
  var targetBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: requestLine.bytes[target]) }

  private func addToLine(_ value: UnsafeRawBufferPointer) -> Range<Int> {
    let start = requestLine.count
    requestLine.append(value)
    return start..<requestLine.count
  }

  private func addLine(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  private func equal(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    bytes.elementsEqual(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  /// A number in decimal; the largest there is when it does not fit.
  private static func number(_ digits: UnsafeRawBufferPointer) -> Int {
    var number = 0
    for digit in digits {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit) - Int(UInt8(ascii: "0")))
      if overflow || carry { return .max }
      number = sum
    }
    return number
  }

  // MARK: The answer

  /// Decides how much of an answer goes out and what follows it.
  ///
  /// A fault that counts bytes of the message means those of HTTP/1.1, whose head would be about as long as the fields are.
  func take(_ message: HTTPAnswer) {
    status = message.status
    let isWithoutBody = isHead || status == 204 || status == 304
    let whole = isWithoutBody ? message.bodyRange.prefix(0) : message.bodyRange
    hasHead = true
    ending = .end
    unsent = whole
    switch message.delivery {
    case .whole, .never: break
    case .reset(let count):
      ending = .reset
      hasHead = count > 0
      unsent = whole.prefix(max(0, count - headBytesOfHTTP1))
    case .truncate(let count):
      unsent = whole.prefix(max(0, count - headBytesOfHTTP1))
    }
    lines = head.count
    head.append(decimal: status)
    head.append(decimal: message.bodyRange.count)
  }

  /// Lays the answer's head out as nghttp2 wants it; the entries are valid as long as `head` is left alone.
  func layOut(in entries: inout [nghttp2_nv]) {
    entries.removeAll(keepingCapacity: true)
    let base = head.base
    entries.append(Self.entry(":status", base + lines, 3))
    var start = 0
    while start < lines, let end = memchr(base + start, Int32(UInt8(ascii: "\n")), lines - start) {
      let next = UnsafeRawPointer(end) - UnsafeRawPointer(base) + 1
      var colon = start
      while base[colon] != UInt8(ascii: ":") {
        // Names are in lower case (RFC 9113 section 8.2.1).
        if base[colon] >= UInt8(ascii: "A"), base[colon] <= UInt8(ascii: "Z") { base[colon] |= 0x20 }
        colon += 1
      }
      // A colon and a space lie between name and value, a line end behind them: `HTTPAnswer` has written them.
      entries.append(
        nghttp2_nv(
          name: base + start, value: base + colon + 2, namelen: colon - start, valuelen: next - 2 - (colon + 2),
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
      start = next
    }
    if status != 204 && status != 304 {
      entries.append(Self.entry("content-length", base + lines + 3, head.count - lines - 3))
    }
  }

  /// A field whose name is a literal, which lasts as long as the program.
  static func entry(_ name: StaticString, _ value: UnsafeMutablePointer<UInt8>, _ count: Int) -> nghttp2_nv {
    nghttp2_nv(
      name: UnsafeMutablePointer(mutating: name.utf8Start), value: value, namelen: name.utf8CodeUnitCount,
      valuelen: count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
  }

  /// Status line, `Content-Length` and the empty line, about.
  private var headBytesOfHTTP1: Int { 45 + head.count }

  /// Copies the next part of the body to where nghttp2 wants it.
  ///
  /// - Returns: what its read callback returns.
  func read(into room: UnsafeMutableRawBufferPointer, flags: UnsafeMutablePointer<UInt32>?) -> Int {
    let part = unsent.prefix(room.count)
    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: answer.bytes[part]))
    unsent = part.upperBound..<unsent.upperBound
    if unsent.isEmpty {
      switch ending {
      case .end: flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
      case .reset: if part.isEmpty { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
      }
    }
    return part.count
  }

  // MARK: Memory

  /// What request and answer hold beyond what is usual.
  var largeBytes: Int {
    max(0, body.capacity - HTTP2Stream.usualBytes) + max(0, answer.capacity - HTTP2Stream.usualBytes)
  }

  /// Empties the buffers, and lets go of what is large.
  func giveBack() {
    for buffer in [requestLine, fields, body, head, answer] { buffer.giveBack(beyond: HTTP2Stream.usualBytes) }
  }
}
