import CNGHTTP2
import Measurement

/// What the connections of HTTP/2 of one server have in common: nghttp2's table of callbacks and its options, memory that
/// a connection uses only while it is served, and streams that are not in use.
///
/// The callbacks get an `HTTP2Session` as `Unmanaged` without a reference of its own. That is safe by one rule: nghttp2 calls back
/// only from inside a call that one of its methods made with its own session of nghttp2, so it lives; and it deletes
/// that before it ends.
final class HTTP2Shared {
  /// How many bytes a connection reads at a time, and about how many it sends.
  private static let transferBytes = 64 << 10
  /// How many streams are kept for later ones.
  private static let keptStreams = 128

  /// What was read for the connection being served; it is passed to nghttp2 before another connection is.
  let received = ByteBuffer(capacity: transferBytes)
  /// What the connection being served sends.
  let output = ByteBuffer(capacity: 2 * transferBytes)
  /// The head of the answer being handed over.
  var entries: [nghttp2_nv] = []
  /// Streams in use, all connections together.
  private(set) var openStreams = 0
  private var unused: [HTTP2Stream] = []
  private let callbacks: OpaquePointer
  private let options: OpaquePointer

  /// Nil for lack of memory.
  init?(limits: HTTPServerLimits) {
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks else { return nil }
    guard nghttp2_option_new(&options) == 0, let options else {
      nghttp2_session_callbacks_del(callbacks)
      return nil
    }
    self.callbacks = callbacks
    self.options = options
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, Self.beginFrame)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Self.beginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Self.header)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Self.data)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Self.frame)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Self.sentFrame)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Self.streamClosed)
    // nghttp2's own guards; the connection's count of strikes comes first, with the code that says why.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_settings(options, 32)
    nghttp2_option_set_max_outbound_ack(options, 1000)
    nghttp2_option_set_stream_reset_rate_limit(options, 2 * UInt64(limits.strikes), 200)
  }

  deinit {
    nghttp2_session_callbacks_del(callbacks)
    nghttp2_option_del(options)
  }

  /// A session that calls back into its owner; nil for lack of memory.
  func makeSession(for owner: HTTP2Session) -> OpaquePointer? {
    var session: OpaquePointer?
    let context = Unmanaged.passUnretained(owner).toOpaque()
    return nghttp2_session_server_new2(&session, callbacks, context, options) == 0 ? session : nil
  }

  /// A stream to use.
  func takeStream() -> HTTP2Stream {
    openStreams += 1
    return unused.popLast() ?? HTTP2Stream()
  }

  /// A stream is not in use any more.
  func putBack(_ stream: HTTP2Stream) {
    openStreams -= 1
    stream.giveBack()
    if unused.count < HTTP2Shared.keptStreams { unused.append(stream) }
  }

  // MARK: Callbacks

  private static func connection(_ context: UnsafeMutableRawPointer?) -> HTTP2Session? {
    context.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let beginFrame: nghttp2_on_begin_frame_callback = { _, header, context in
    guard let header, let connection = connection(context) else { return 0 }
    return connection.beginFrame(header.pointee)
  }

  private static let beginHeaders: nghttp2_on_begin_headers_callback = { _, frame, context in
    guard let frame, let connection = connection(context) else { return 0 }
    if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST { connection.beginRequest(frame.pointee.hd.stream_id) }
    return 0
  }

  private static let header: nghttp2_on_header_callback = { _, frame, name, nameCount, value, valueCount, _, context in
    // Of trailers nothing is wanted (RFC 9110 section 6.5.1 lets a server drop them).
    guard let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST, let connection = connection(context) else {
      return 0
    }
    return connection.addField(
      frame.pointee.hd.stream_id, UnsafeRawBufferPointer(start: name, count: nameCount),
      UnsafeRawBufferPointer(start: value, count: valueCount))
  }

  private static let data: nghttp2_on_data_chunk_recv_callback = { _, _, stream, bytes, count, context in
    connection(context)?.addBody(stream, UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
  }

  private static let frame: nghttp2_on_frame_recv_callback = { _, frame, context in
    guard let frame else { return 0 }
    connection(context)?.receivedFrame(frame.pointee)
    return 0
  }

  private static let sentFrame: nghttp2_on_frame_send_callback = { _, frame, context in
    guard let frame else { return 0 }
    connection(context)?.sentFrame(frame.pointee)
    return 0
  }

  private static let streamClosed: nghttp2_on_stream_close_callback = { _, stream, _, context in
    connection(context)?.closeStream(stream)
    return 0
  }
}

/// How much a client of HTTP/2 may still send that asks for nothing: such frames cost it next to nothing, and may not keep
/// the server busy.
struct HTTP2Allowance {
  /// Clients send up to one WINDOW_UPDATE for each 4 KiB read, for the stream and for the connection.
  private static let updatesPerFrame = 16

  /// What each frame adds to the time at which all are forgiven, and how far ahead that may be.
  private let each: Nanoseconds
  private let most: Nanoseconds
  private var forgiven: Instant
  private var updates: Int
  private let mostUpdates: Int

  /// All that the limits give.
  init(limits: HTTPServerLimits, _ now: Instant) {
    each = Nanoseconds(1_000_000_000 / Int64(max(1, limits.strikesPerSecond)))
    most = Nanoseconds(each.value * Int64(limits.strikes))
    forgiven = now
    updates = limits.strikes
    mostUpdates = 100 * limits.strikes
  }

  /// Counts a frame that few are in order of; false when there were too many.
  mutating func takesFrame(_ now: Instant) -> Bool {
    forgiven = max(forgiven, now) + each
    return forgiven - now <= most
  }

  /// Counts a WINDOW_UPDATE; false when there were more than what was sent can be the reason of.
  mutating func takesUpdate() -> Bool {
    updates -= 1
    return updates >= 0
  }

  /// A frame of an answer has been sent, which the client's windows make up for.
  mutating func sentFrame() { updates = min(updates + HTTP2Allowance.updatesPerFrame, mostUpdates) }
}
