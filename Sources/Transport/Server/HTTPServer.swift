import Glibc
import Measurement
import Synchronization

/// A server of HTTP/1.1 and HTTP/2 on one thread: keep-alive, pipelining, chunked requests, `Expect: 100-continue`, delayed
/// answers; HTTP/2 by ALPN inside TLS and by its preface in the clear.
///
/// A request costs one `recv`, its share of a wait, and one `send`; no memory is allocated for it once the connection's
/// buffers have reached their usual size.
///
/// `@unchecked Sendable`: `port` is constant, `counts` is behind a lock, `stop()` uses only an atomic flag and the loop's
/// wake-up, and everything else is used by the thread inside `run()` alone (before it, by the thread that made the server).
package final class HTTPServer: @unchecked Sendable {
  /// The port listened at: the one asked for, or the free one found for 0.
  package let port: UInt16

  private let sockets: ServerSockets
  private let isStopping = Atomic<Bool>(false)

  /// Listens at once; connections are accepted from `run()` on, and wait until then.
  ///
  /// - Parameters:
  ///   - host: an address in numbers or a name, whose first address is taken.
  ///   - port: 0 for any free one.
  ///   - handler: answers requests, on the thread of `run()`.
  ///   - limits: what clients may ask for.
  ///   - tls: certificate and key, to serve `https` only.
  ///   - clock: what `HTTPAnswer.notBefore` and the limits are measured against.
  ///   - notice: called once with each kind of notice, on the thread of `run()`.
  package init(
    host: String, port: UInt16, handler: any HTTPHandler, limits: HTTPServerLimits = HTTPServerLimits(),
    tls: TLSServerContext? = nil, clock: any MonotonicClock = SystemClock(),
    notice: @escaping (HTTPServerNotice) -> Void = { _ in }
  ) throws(HTTPServerFailure) {
    let address: SocketAddress
    do throws(NameResolution.Failure) {
      let endpoint = Endpoint(scheme: .http, host: host, port: port)
      let addresses = try NameResolution.addresses(of: endpoint)
      address = addresses[0]
    } catch {
      throw .nameNotResolved(error)
    }
    do throws(SystemCallFailure) {
      let loop = try EventLoop(clock: clock)
      sockets = try ServerSockets(
        listener: try SystemCalls.listen(on: address), loop: loop, handler: handler, limits: limits, tls: tls,
        clock: clock, notice: notice)
      self.port = sockets.port
    } catch {
      throw HTTPServerFailure(error, host: host, port: port)
    }
  }

  /// Serves until `stop()`. Then the listener is closed, answers under way are finished within `limits.stopping`, and all
  /// connections are closed. Runs once.
  ///
  /// - Throws: `SystemCallFailure` when waiting itself fails, which is for lack of memory.
  package func run() throws(SystemCallFailure) {
    try sockets.run(while: { !isStopping.load(ordering: .acquiring) })
  }

  /// What connections have carried: brought up to date a few times a second, and exact once `run()` has returned. Safe from
  /// any thread.
  package var counts: ConnectionCounts { sockets.counts.withLock { $0 } }

  /// Ends `run()`. Safe from any thread and from a signal's handler; calls after the first change nothing.
  package func stop() {
    isStopping.store(true, ordering: .releasing)
    sockets.loop.wake()
  }
}

/// The edge of a server: its listener, sockets, encryption and waiting. It does what `HTTPServerCore` says, and tells it
/// what came of it.
private final class ServerSockets {
  private static let listenerToken: UInt32 = 0
  /// How often a client that never pauses is read before others are served.
  private static let readsInARow = 256

  let loop: EventLoop
  /// The port listened at.
  let port: UInt16
  /// What `HTTPServer.counts` gives.
  let counts = Mutex(ConnectionCounts())
  private let core: HTTPServerCore
  private let stopping: Nanoseconds
  private let tls: TLSServerContext?
  private let clock: any MonotonicClock
  private let notice: (HTTPServerNotice) -> Void
  private var hasNoticedDescriptors = false

  private var listener: Int32?
  private var isListenerPaused = false
  /// By slot of the core.
  private var streams: [(any ByteStream)?] = []

  /// Takes over a listening socket, and closes it when it cannot be watched.
  init(
    listener: Int32, loop: EventLoop, handler: any HTTPHandler, limits: HTTPServerLimits, tls: TLSServerContext?,
    clock: any MonotonicClock, notice: @escaping (HTTPServerNotice) -> Void
  ) throws(SystemCallFailure) {
    do throws(SystemCallFailure) {
      port = try SystemCalls.localAddress(of: listener).port
      try loop.add(listener, interest: .read, token: ServerSockets.listenerToken)
    } catch {
      SystemCalls.close(listener)
      throw error
    }
    core = HTTPServerCore(handler: handler, limits: limits, now: clock.now())
    stopping = limits.stopping
    self.listener = listener
    self.loop = loop
    self.tls = tls
    self.clock = clock
    self.notice = notice
  }

  deinit {
    closeListener()
    closeStreams()
  }

  /// Serves as long as the condition holds, then until answers under way are out or out of time.
  func run(while isWanted: () -> Bool) throws(SystemCallFailure) {
    var end: Instant?
    while true {
      if end == nil && !isWanted() {
        end = clock.now() + stopping
        closeListener()
        core.stop()
        serveReady(clock.now())
      }
      if let end, core.isEmpty || clock.now() >= end { break }
      try loop.wait(until: min(core.deadline, end ?? .distantFuture))
      var now = clock.now()
      while let event = loop.nextEvent() {
        if event.token == ServerSockets.listenerToken {
          acceptConnections(now)
        } else {
          now = clock.now()
          let slot = Int(event.token) - 1
          core.ready(slot, event.readiness, now)
          serve(slot, now)
        }
      }
      now = clock.now()
      if let hasGivenBack = core.tick(now) {
        publishCounts()
        pauseListener(false)
        serveReady(now)
        // Once a large block was freed, the allocator takes later ones from its heap, where they stay between smaller ones.
        if hasGivenBack { SystemCalls.trimMemory() }
      } else {
        serveReady(now)
      }
    }
    publishCounts()
    closeStreams()
  }

  private func publishCounts() {
    let latest = core.counts
    counts.withLock { $0 = latest }
  }

  // MARK: Connections

  /// Does for a connection all that can be done without waiting.
  private func serve(_ slot: Int, _ now: Instant) {
    guard let stream = streams[slot] else { return }
    var now = now
    var reads = 0
    while true {
      switch core.next(slot, now) {
      case .wait:
        return
      case .receive(let room):
        reads += 1
        if reads > ServerSockets.readsInARow {
          // Others' turn: watched anew, the socket is reported again. Cannot fail but for lack of memory; then it goes on.
          let interest: EventLoop.Interest = [.read, .write, .edge]
          if (try? loop.modify(stream.descriptor, interest: interest, token: UInt32(slot + 1))) != nil { return }
        }
        core.received(slot, stream.receive(into: room))
        // What has come may have come after the clock was looked at, and must not be answered sooner than its latency says.
        now = clock.now()
      case .send(let bytes):
        core.sent(slot, stream.send(bytes))
      case .endSending:
        stream.endSending()
      case .close(let reset):
        streams[slot] = nil
        loop.remove(stream.descriptor, token: UInt32(slot + 1))
        stream.close(reset: reset)
        return
      case .shakeHands:
        let outcome = stream.shakeHands()
        if outcome == .wouldBlock { return }
        core.shookHands(slot, isDone: outcome == .done, isHTTP2: stream.isHTTP2Agreed, now)
      }
    }
  }

  private func serveReady(_ now: Instant) {
    while let slot = core.takeReady() { serve(slot, now) }
  }

  private func acceptConnections(_ now: Instant) {
    // Bounded, so that a storm of connections leaves time for those that exist; the rest is reported again.
    for _ in 0..<64 {
      guard let listener else { return }
      switch SystemCalls.accept(listener) {
      case .bytes(let descriptor):
        adopt(Int32(descriptor), now)
      case .wouldBlock:
        return
      case .failed(let code):
        if core.dismissLeavers() {
          serveReady(now)
          continue
        }
        noticeDescriptors(code)
        // For lack of descriptors, mostly: the listener would be reported without end, so it rests until the next sweep.
        pauseListener(true)
        return
      }
    }
  }

  private func adopt(_ descriptor: Int32, _ now: Instant) {
    if core.isFull, core.dismissLeavers() { serveReady(now) }
    if core.isFull {
      let refusal = HTTPServerCore.refusal
      let bytes = UnsafeRawBufferPointer(start: refusal.utf8Start, count: refusal.utf8CodeUnitCount)
      // Inside TLS a word would need a handshake first, which is the work to be spared.
      if tls == nil { _ = SystemCalls.send(descriptor, bytes) }
      SystemCalls.close(descriptor)
      return
    }
    guard let stream = makeStream(descriptor) else { return }
    let slot = core.accept(isDrainedByShortTransfer: stream.isDrainedByShortTransfer, now)
    while streams.count <= slot { streams.append(nil) }
    do throws(SystemCallFailure) {
      try loop.add(descriptor, interest: [.read, .write, .edge], token: UInt32(slot + 1))
    } catch {
      core.shookHands(slot, isDone: false, now)
      _ = core.next(slot, now)
      stream.close(reset: false)
      return
    }
    SystemCalls.disableDelay(descriptor)
    streams[slot] = stream
    serve(slot, now)
  }

  /// In the clear or inside TLS; nil, with the socket closed, for lack of memory.
  private func makeStream(_ descriptor: Int32) -> (any ByteStream)? {
    if let tls { return tls.makeStream(descriptor: descriptor) }
    return PlainStream(descriptor: descriptor)
  }

  private func closeStreams() {
    for (slot, stream) in streams.enumerated() {
      guard let stream else { continue }
      loop.remove(stream.descriptor, token: UInt32(slot + 1))
      stream.close(reset: false)
      streams[slot] = nil
    }
  }

  // MARK: The listener

  private func noticeDescriptors(_ code: Int32) {
    guard code == EMFILE, !hasNoticedDescriptors else { return }
    hasNoticedDescriptors = true
    notice(.outOfDescriptors(limit: ProcessUsage.descriptorLimit()))
  }

  private func pauseListener(_ isPaused: Bool) {
    guard let listener, isPaused != isListenerPaused else { return }
    // Cannot fail for a registered descriptor but by lack of memory; then the listener stays as it is.
    try? loop.modify(listener, interest: isPaused ? [] : .read, token: ServerSockets.listenerToken)
    isListenerPaused = isPaused
  }

  private func closeListener() {
    guard let listener else { return }
    loop.remove(listener, token: ServerSockets.listenerToken)
    SystemCalls.close(listener)
    self.listener = nil
  }
}

/// Why a server cannot listen.
package enum HTTPServerFailure: Error, Hashable, Sendable {
  /// Another socket has the port.
  case addressInUse(host: String, port: UInt16)
  /// The address is none of this machine's.
  case addressNotAvailable(host: String)
  /// The port needs rights this process lacks.
  case notPermitted(port: UInt16)
  /// The host's name has no address.
  case nameNotResolved(NameResolution.Failure)
  /// Something else the system refused.
  case system(SystemCallFailure)

  /// The failure that a system call's error stands for.
  init(_ failure: SystemCallFailure, host: String, port: UInt16) {
    switch failure.errorNumber {
    case EADDRINUSE: self = .addressInUse(host: host, port: port)
    case EADDRNOTAVAIL: self = .addressNotAvailable(host: host)
    case EACCES: self = .notPermitted(port: port)
    default: self = .system(failure)
    }
  }
}

extension HTTPServerFailure: CustomStringConvertible {
  /// A sentence that says what can be done.
  package var description: String {
    switch self {
    case .addressInUse(let host, let port):
      "port \(port) of \(host) is in use; choose another, or 0 for any free one"
    case .addressNotAvailable(let host): "this machine has no address \(host)"
    case .notPermitted(let port): "port \(port) needs more rights than this process has; choose one from 1024 on"
    case .nameNotResolved(let failure): failure.description
    case .system(let failure): failure.description
    }
  }
}
