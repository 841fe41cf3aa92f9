import Measurement
import Synchronization

/// An HTTP/1.1 server on one thread: keep-alive, pipelining, chunked requests, `Expect: 100-continue`, delayed answers.
///
/// A request costs one `recv`, its share of a wait, and one `send`; no memory is allocated for it once the connection's
/// buffers have reached their usual size.
///
/// `@unchecked Sendable`: `port` is constant, `stop()` uses only an atomic flag and the loop's wake-up, and everything
/// else is used by the thread inside `run()` alone (before it, by the thread that made the server).
package final class HTTPServer: @unchecked Sendable {
  /// The port listened at: the one asked for, or the free one found for 0.
  package let port: UInt16

  private let core: HTTPServerCore
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
  ///   - notice: told each kind of notice once, on the thread of `run()`.
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
      core = try HTTPServerCore(
        listener: try SystemCalls.listen(on: address), loop: loop, handler: handler, limits: limits, tls: tls,
        clock: clock, notice: notice)
      self.port = core.port
    } catch {
      throw HTTPServerFailure(error, host: host, port: port)
    }
  }

  /// Serves until `stop()`. Then the listener is closed, answers under way are finished within `limits.stopping`, and all
  /// connections are closed. Runs once.
  ///
  /// - Throws: `SystemCallFailure` when waiting itself fails, which is for lack of memory.
  package func run() throws(SystemCallFailure) {
    try core.run(while: { !isStopping.load(ordering: .acquiring) })
  }

  /// Ends `run()`. Safe from any thread and from a signal's handler; calls after the first change nothing.
  package func stop() {
    isStopping.store(true, ordering: .releasing)
    core.loop.wake()
  }
}
