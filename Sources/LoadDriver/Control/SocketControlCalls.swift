import Glibc
import Kinesis
import Measurement
import Transport

/// Control-plane calls over a connection of their own, one at a time, each waited for.
package final class SocketControlCalls: ControlCalls {
  private let connection: ClientConnection
  private let loop: EventLoop
  private let clock: any MonotonicClock
  private let wallTime: @Sendable () -> WallTime
  private let timeout: Nanoseconds
  private let makeSigner: (String) -> RequestSigner
  private let addressCount: Int
  private let buffer = RequestBuffer()

  /// Calls to one destination.
  ///
  /// - Parameters:
  ///   - credentials: nil sends the calls unsigned.
  ///   - timeout: for one call, connecting included.
  /// - Throws: `SystemCallFailure` when no event loop can be made.
  package init(
    destination: Destination, region: String, credentials: Credentials?, timeout: Nanoseconds,
    clock: any MonotonicClock, wallTime: @escaping @Sendable () -> WallTime
  ) throws {
    loop = try EventLoop(clock: clock)
    connection = destination.connection(slot: 0, loop: loop)
    addressCount = destination.addresses.count
    self.clock = clock
    self.wallTime = wallTime
    self.timeout = timeout
    let host = destination.endpoint.hostHeader
    makeSigner = { RequestSigner(credentials: credentials, region: region, hostHeader: host, operation: $0) }
  }

  package func call(_ operation: String, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8]) {
    let deadline = clock.now() + timeout
    Array(body.utf8).withUnsafeBytes { buffer.setBody($0) }
    makeSigner(operation).finish(buffer, at: WallSeconds(wallTime().secondsSinceEpoch))
    var untried = addressCount
    var event = connection.isReady ? connection.send(buffer.message, now: clock.now()) : connection.connect()
    while true {
      switch event {
      case .connected:
        event = connection.send(buffer.message, now: clock.now())
        continue
      case .disconnected:
        // The target ended the idle connection of the call before.
        event = connection.connect()
        continue
      case .response(let response):
        return (response.status, Array(response.body))
      case .failed(_, requestMayHaveBeenReceived: false) where untried > 1:
        // The next of the endpoint's addresses: a name may stand for IPv6 and IPv4 where only one is served.
        untried -= 1
        event = connection.connect()
      case .failed(let failure, _):
        throw .unreachable(code: failure.code + (connection.failureDetail.map { ", \($0)" } ?? ""))
      case .none:
        event = try wait(until: deadline)
      }
    }
  }

  private func wait(until deadline: Instant) throws(StreamControlFailure) -> ClientEvent {
    do {
      try loop.wait(until: deadline)
    } catch {
      throw .unreachable(code: error.call.rawValue)
    }
    if let ready = loop.nextEvent() { return connection.handle(ready.readiness, now: clock.now()) }
    if clock.now() >= deadline { return connection.timeOut() }
    return .none
  }

  package func pause(milliseconds: Int) {
    usleep(UInt32(milliseconds) * 1_000)
  }
}
