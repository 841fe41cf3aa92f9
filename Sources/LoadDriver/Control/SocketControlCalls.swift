import Kinesis
import Measurement
import Transport

/// Calls about a stream and to read it, over connections of their own, one at a time, each waited for.
package final class SocketControlCalls: ControlCalls {
  /// What goes where data go, where the service has hosts apart (its model's `OperationType`).
  private static let dataOperations: Set<String> = ["GetRecords", "GetShardIterator"]

  private let data: (connection: BlockingConnection, host: String)
  private let control: (connection: BlockingConnection, host: String)
  private let wallTime: @Sendable () -> WallTime
  private let timeout: Nanoseconds
  private let region: String
  private let credentials: CurrentCredentials
  private let buffer = RequestBuffer()
  /// Ends a call that waits, and all to come, from another thread.
  package let interruption = CallInterruption()

  /// Calls to one destination, or to two.
  ///
  /// - Parameters:
  ///   - destination: where data go.
  ///   - control: where all else goes; nil for the same place.
  ///   - credentials: those of the moment sign each call.
  ///   - timeout: for one call, connecting included.
  /// - Throws: `SystemCallFailure` when no event loop can be made.
  package init(
    destination: Destination, control: Destination? = nil, region: String, credentials: CurrentCredentials,
    timeout: Nanoseconds, clock: any MonotonicClock, wallTime: @escaping @Sendable () -> WallTime
  ) throws {
    data = (
      try destination.blockingConnection(clock: clock, interruption: interruption), destination.endpoint.hostHeader
    )
    if let control, control.endpoint != destination.endpoint {
      self.control = (
        try control.blockingConnection(clock: clock, interruption: interruption), control.endpoint.hostHeader
      )
    } else {
      self.control = data
    }
    self.region = region
    self.credentials = credentials
    self.wallTime = wallTime
    self.timeout = timeout
  }

  package func call(_ operation: String, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8]) {
    Array(body.utf8).withUnsafeBytes { buffer.setBody($0) }
    let (connection, host) = Self.dataOperations.contains(operation) ? data : control
    RequestSigner(credentials: credentials.value, region: region, hostHeader: host, operation: operation)
      .finish(buffer, at: WallSeconds(wallTime().secondsSinceEpoch))
    do {
      let response = try connection.exchange(buffer.message, timeout: timeout)
      return (response.status, Array(response.body))
    } catch {
      throw .unreachable(code: error.description)
    }
  }

  package func masked(_ text: String) -> String { credentials.masked(text) }

  package func pause(milliseconds: Int) { interruption.pause(milliseconds: milliseconds) }

  package var isInterrupted: Bool { interruption.isRequested }
}
