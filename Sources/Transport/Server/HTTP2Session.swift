import CNGHTTP2
import Measurement

/// The frames of one connection of HTTP/2: bytes in, requests to the handler, bytes out. Framing, header compression and
/// flow control are nghttp2's; this side keeps requests, the times of their answers, and the limits.
final class HTTP2Session {
  private let shared: HTTPServerShared
  private let common: HTTP2Shared
  private var session: OpaquePointer?
  private var streams: [Int32: HTTP2Stream] = [:]
  private var serial: UInt64 = 0
  /// How many requests were complete.
  private(set) var requests = 0
  /// The time of the call under way.
  private var now = Instant(nanoseconds: 0)
  /// Answers that wait for their time.
  private var timer = AnswerTimer()
  /// About how many entries of the timer belong to streams that have ended.
  private var forgottenAnswers = 0

  /// Whether the client's settings have come, which begin its frames.
  private(set) var hasSettings = false
  /// No new requests are taken, and the connection ends with the last answer.
  private var isDraining = false
  /// Why the connection is to be ended at once.
  private var violation: nghttp2_error_code?
  private var allowance: HTTP2Allowance

  init(shared: HTTPServerShared, common: HTTP2Shared) {
    self.shared = shared
    self.common = common
    allowance = HTTP2Allowance(limits: shared.limits, now)
  }

  deinit { nghttp2_session_del(session) }

  /// Begins a connection; false for lack of memory.
  func open(serial: UInt64, _ now: Instant) -> Bool {
    self.serial = serial
    self.now = now
    requests = 0
    hasSettings = false
    isDraining = false
    violation = nil
    allowance = HTTP2Allowance(limits: shared.limits, now)
    shared.counts.http2.connections += 1
    session = common.makeSession(for: self)
    return session != nil && submitSettings()
  }

  private func submitSettings() -> Bool {
    let limits = shared.limits
    let settings = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.message.headBytes),
      // Answers go out in the order of their streams, or as the client's `priority` field says (RFC 9218).
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ].map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: UInt32(clamping: $0.1)) }
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    return nghttp2_submit_settings(session, flags, settings, settings.count) == 0
      && nghttp2_session_set_local_window_size(session, flags, 0, Int32(clamping: limits.connectionWindow)) == 0
  }

  /// Ends the session with all its streams.
  func close() {
    shared.counts.http2.add(requests: requests)
    nghttp2_session_del(session)
    session = nil
    for stream in streams.values { forget(stream) }
    streams.removeAll(keepingCapacity: false)
    timer = AnswerTimer()
    forgottenAnswers = 0
  }

  private func forget(_ stream: HTTP2Stream) {
    shared.largeBytes -= stream.countedBytes
    stream.countedBytes = 0
    common.putBack(stream)
  }

  // MARK: Bytes

  /// Passes what has been read to nghttp2, which calls back.
  ///
  /// - Returns: nil, or why the connection has to be ended.
  func feed(_ bytes: UnsafeRawBufferPointer, _ now: Instant) -> nghttp2_error_code? {
    self.now = now
    guard nghttp2_session_want_read(session) != 0 else { return nil }
    let count = nghttp2_session_mem_recv(session, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    if count >= 0 { return nil }
    if let violation { return violation }
    switch Int32(truncatingIfNeeded: count) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: return NGHTTP2_PROTOCOL_ERROR
    case NGHTTP2_ERR_NOMEM.rawValue: return NGHTTP2_INTERNAL_ERROR
    // What else ends the reading are nghttp2's own guards; broken rules it answers by itself.
    default: return NGHTTP2_ENHANCE_YOUR_CALM
    }
  }

  /// Writes what is to be sent into the buffer, up to about half its room; false when nothing can be sent any more.
  func fill(_ output: ByteBuffer) -> Bool {
    output.count = 0
    while output.count < output.capacity / 2 {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &bytes)
      if count == 0 { break }
      guard count > 0, let bytes else { return false }
      output.append(UnsafeRawBufferPointer(start: bytes, count: count))
    }
    return true
  }

  /// How many frames wait to be sent, those of answers aside that were not begun.
  var waitingFrames: Int { nghttp2_session_get_outbound_queue_size(session) }

  /// Whether everything has been said.
  var isOver: Bool {
    if isDraining && streams.isEmpty { return true }
    return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
  }

  // MARK: Times and ends

  /// Whether no stream is open.
  var isIdle: Bool { streams.isEmpty }

  /// When the next answer is due; nil when none waits for its time.
  var earliestAnswer: Instant? { timer.earliest }

  /// Hands over the answers whose time has come.
  func submitDue(_ now: Instant) {
    self.now = now
    while let entry = timer.next(at: now) {
      if let stream = streams[Int32(entry.slot)], isPending(entry, stream) { submit(stream) }
    }
  }

  /// Ends streams that last too long; false when there are none.
  func sweep(_ now: Instant) -> Bool {
    self.now = now
    let limits = shared.limits
    var hasEnded = false
    for stream in streams.values {
      let age = now - stream.progress
      switch stream.phase {
      case .reading where age > limits.requestTime: refuse(stream, status: 408)
      case .sending where age > limits.idle, .silent where age > limits.idle: reset(stream, NGHTTP2_CANCEL)
      case .reading, .sending, .silent, .delayed: continue
      }
      hasEnded = true
    }
    return hasEnded
  }

  /// Takes no further requests, and drops those that are not whole.
  func stop() {
    drain()
    for stream in streams.values where stream.phase == .reading || stream.phase == .silent {
      reset(stream, NGHTTP2_REFUSED_STREAM)
    }
  }

  /// Ends the connection at once with a word that says why.
  ///
  /// - Returns: false for lack of memory.
  @discardableResult
  func end(_ code: nghttp2_error_code) -> Bool {
    nghttp2_session_terminate_session(session, code.rawValue) == 0
  }

  /// Takes no further requests: the connection ends with the last answer under way.
  func drain() {
    if isDraining { return }
    isDraining = true
    _ = nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session),
      NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  private func reset(_ stream: HTTP2Stream, _ code: nghttp2_error_code) {
    stream.phase = .silent
    stream.progress = now
    _ = nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
  }

}

// MARK: What nghttp2 calls

extension HTTP2Session {
  /// A frame begins: frames that ask for nothing are bounded, since they cost the client next to nothing.
  func beginFrame(_ header: nghttp2_frame_hd) -> Int32 {
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue: return 0
    // nghttp2 passes priorities over once it was told that they mean nothing; the rule stays (RFC 9113 section 6.3).
    case NGHTTP2_PRIORITY.rawValue where header.stream_id == 0: return violate(NGHTTP2_PROTOCOL_ERROR)
    case NGHTTP2_DATA.rawValue:
      if streams[header.stream_id] != nil, header.length > 0 || header.flags & endOfStream != 0 { return 0 }
    case NGHTTP2_WINDOW_UPDATE.rawValue:
      return allowance.takesUpdate() ? 0 : violate(NGHTTP2_ENHANCE_YOUR_CALM)
    default: break
    }
    return allowance.takesFrame(now) ? 0 : violate(NGHTTP2_ENHANCE_YOUR_CALM)
  }

  private func violate(_ code: nghttp2_error_code) -> Int32 {
    violation = code
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  /// A request begins.
  func beginRequest(_ id: Int32) {
    guard common.openStreams < shared.limits.allStreams else {
      _ = nghttp2_submit_rst_stream(
        session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_REFUSED_STREAM.rawValue)
      return
    }
    let stream = common.takeStream()
    stream.begin(id: id, at: now)
    streams[id] = stream
    shared.counts.mostOpenStreams = max(shared.counts.mostOpenStreams, streams.count)
  }

  /// A field of a request's head. A head that is too large is read to its end, within a few times as much, so that the
  /// tables of header compression stay alike on both sides.
  func addField(_ id: Int32, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Int32 {
    guard let stream = streams[id] else { return 0 }
    let limit = shared.limits.message.headBytes
    stream.fieldBytes += name.count + value.count + 32
    if stream.fieldBytes > limit {
      stream.refusal = 431
      return stream.fieldBytes > 4 * limit ? violate(NGHTTP2_ENHANCE_YOUR_CALM) : 0
    }
    if !stream.addField(name, value) { reset(stream, NGHTTP2_PROTOCOL_ERROR) }
    return 0
  }

  /// A part of a request's body.
  func addBody(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let stream = streams[id], stream.phase == .reading else { return }
    let body = stream.body
    guard body.count + bytes.count <= shared.limits.message.bodyBytes else { return refuse(stream, status: 413) }
    if let expected = stream.contentLength, body.capacity < expected {
      // What a head announces is believed as far as bytes have come: at most as much again.
      let sum = body.count + bytes.count
      body.reserve(total: min(expected, max(HTTPServerShared.keptBytes, 2 * sum)))
    }
    body.append(bytes)
    if !tally(stream) { refuse(stream, status: 503) }
  }

  /// A frame is complete.
  func receivedFrame(_ frame: nghttp2_frame) {
    let header = frame.hd
    switch UInt32(header.type) {
    case NGHTTP2_SETTINGS.rawValue: if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { hasSettings = true }
    case NGHTTP2_RST_STREAM.rawValue: shared.counts.cancelledStreams += 1
    case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
      guard let stream = streams[header.stream_id] else { return }
      let isEnd = header.flags & endOfStream != 0
      if isEnd { stream.isRequestOpen = false }
      guard stream.phase == .reading else { return }
      if header.type == UInt8(NGHTTP2_HEADERS.rawValue), frame.headers.cat == NGHTTP2_HCAT_REQUEST {
        endHead(of: stream, isEnd: isEnd)
      }
      if isEnd, stream.phase == .reading { respond(to: stream) }
    default: break
    }
  }

  private func endHead(of stream: HTTP2Stream, isEnd: Bool) {
    if let status = stream.refusal { return refuse(stream, status: status) }
    // A tunnel is nothing that this server has (RFC 9110 section 9.3.6).
    if HTTPText.isEqual(stream.methodBytes, ignoringCase: "CONNECT") { return refuse(stream, status: 405) }
    if let length = stream.contentLength, length > shared.limits.message.bodyBytes {
      return refuse(stream, status: 413)
    }
    if stream.expectsContinue && !isEnd { sayContinue(stream) }
  }

  private func sayContinue(_ stream: HTTP2Stream) {
    stream.head.count = 0
    stream.head.append("100")
    var entry = HTTP2Stream.entry(":status", stream.head.base, 3)
    _ = nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, &entry, 1, nil)
  }

  /// A frame has been written to what is sent.
  func sentFrame(_ frame: nghttp2_frame) {
    let header = frame.hd
    switch UInt32(header.type) {
    case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
      allowance.sentFrame()
      // An answer that came before its request was complete: the rest is not wanted (RFC 9113 section 8.1).
      if header.flags & endOfStream != 0, let stream = streams[header.stream_id], stream.isRequestOpen {
        _ = nghttp2_submit_rst_stream(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, NGHTTP2_NO_ERROR.rawValue)
      }
    case NGHTTP2_RST_STREAM.rawValue:
      switch frame.rst_stream.error_code {
      case NGHTTP2_NO_ERROR.rawValue, NGHTTP2_CANCEL.rawValue, NGHTTP2_INTERNAL_ERROR.rawValue: break
      default:
        shared.counts.refusedStreams += 1
        if !allowance.takesFrame(now) { end(NGHTTP2_ENHANCE_YOUR_CALM) }
      }
    case NGHTTP2_GOAWAY.rawValue:
      if frame.goaway.error_code != NGHTTP2_NO_ERROR.rawValue { shared.counts.refusedSessions += 1 }
    default: break
    }
  }

  /// A stream has ended, whoever ended it.
  func closeStream(_ id: Int32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    if stream.phase == .delayed { forgetAnswer() }
    forget(stream)
  }

  private var endOfStream: UInt8 { UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) }
}

// MARK: Answers

extension HTTP2Session {
  private func respond(to stream: HTTP2Stream) {
    requests += 1
    stream.isHead = HTTPText.isEqual(stream.methodBytes, ignoringCase: "HEAD")
    let request = HTTPRequestView(
      method: stream.methodBytes, target: stream.targetBytes, fields: HTTPFields(lines: stream.fields.bytes),
      body: stream.body.bytes, receivedAt: now, connection: serial, ordinal: requests)
    var message = HTTPAnswer(body: stream.answer, fields: stream.head)
    shared.handler.respond(to: request, into: &message)
    // The answer may wait for long; its request is not needed any more.
    stream.body.giveBack(beyond: HTTP2Stream.usualBytes)
    guard tally(stream) else { return refuse(stream, status: 503) }
    if message.closes { drain() }
    begin(stream, message)
  }

  /// Answers what is not taken, without the handler.
  private func refuse(_ stream: HTTP2Stream, status: Int) {
    stream.body.giveBack(beyond: HTTP2Stream.usualBytes)
    stream.answer.giveBack(beyond: HTTP2Stream.usualBytes)
    _ = tally(stream)
    var message = HTTPAnswer(body: stream.answer, fields: stream.head)
    message.status = status
    shared.handler.refuse(status: status, into: &message)
    begin(stream, message)
  }

  private func begin(_ stream: HTTP2Stream, _ message: HTTPAnswer) {
    stream.take(message)
    stream.progress = now
    if message.delivery == .never {
      stream.phase = .silent
    } else if let due = message.notBefore, due > now {
      stream.phase = .delayed
      stream.due = due
      timer.add(AnswerTimer.Entry(due: due, slot: Int(stream.id), serial: serial))
    } else {
      submit(stream)
    }
  }

  /// Hands an answer over to nghttp2.
  private func submit(_ stream: HTTP2Stream) {
    guard stream.hasHead else { return reset(stream, NGHTTP2_INTERNAL_ERROR) }
    stream.phase = .sending
    stream.progress = now
    stream.layOut(in: &common.entries)
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, id, room, count, flags, _, context in
      guard let context, let room else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      return Unmanaged<HTTP2Session>.fromOpaque(context).takeUnretainedValue()
        .readAnswer(id, into: UnsafeMutableRawBufferPointer(start: room, count: count), flags: flags)
    }
    let hasData = !stream.unsent.isEmpty || stream.ending == .reset
    let outcome = common.entries.withUnsafeBufferPointer { entries in
      hasData
        ? nghttp2_submit_response(session, stream.id, entries.baseAddress, entries.count, &provider)
        : nghttp2_submit_response(session, stream.id, entries.baseAddress, entries.count, nil)
    }
    if outcome != 0 { reset(stream, NGHTTP2_INTERNAL_ERROR) }
  }

  private func readAnswer(
    _ id: Int32, into room: UnsafeMutableRawBufferPointer, flags: UnsafeMutablePointer<UInt32>?
  ) -> Int {
    guard let stream = streams[id] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    stream.progress = now
    return stream.read(into: room, flags: flags)
  }

  private func isPending(_ entry: AnswerTimer.Entry, _ stream: HTTP2Stream) -> Bool {
    stream.phase == .delayed && stream.due == entry.due
  }

  /// Counts an answer that waits in vain, and clears the timer of them once they are most of it.
  private func forgetAnswer() {
    forgottenAnswers += 1
    guard forgottenAnswers > 64, forgottenAnswers > timer.count / 2 else { return }
    timer.keep { entry in streams[Int32(entry.slot)].map { isPending(entry, $0) } ?? false }
    forgottenAnswers = 0
  }

  /// Brings the sum of what large messages hold up to date; false when it is more than the limit.
  private func tally(_ stream: HTTP2Stream) -> Bool {
    let held = stream.largeBytes
    if held == stream.countedBytes { return held == 0 || shared.largeBytes <= shared.limits.largeMessageBytes }
    shared.largeBytes += held - stream.countedBytes
    stream.countedBytes = held
    return held == 0 || shared.largeBytes <= shared.limits.largeMessageBytes
  }
}
