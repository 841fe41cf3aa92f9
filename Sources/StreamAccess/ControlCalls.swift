import Kinesis
import Measurement
import Transport

/// One control-plane call at a time: the seam between what is asked of a stream and how the bytes travel.
package protocol ControlCalls {
  /// Makes one call.
  ///
  /// - Parameters:
  ///   - operation: what is asked.
  ///   - body: the JSON request.
  /// - Returns: the HTTP status and the answer's body, whatever they are.
  func call(_ operation: ClientOperation, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8])
  /// Words of an answer without the secrets that the calls are signed with.
  func masked(_ text: String) -> String
  /// Waits before a status is asked for again.
  func pause(milliseconds: Int)
  /// Whether no more calls are wanted: those that are made fail.
  var isInterrupted: Bool { get }
}

extension ControlCalls {
  /// Most are made to the end.
  package var isInterrupted: Bool { false }

  /// Calls without secrets.
  package func masked(_ text: String) -> String { text }
}

/// Calls about a stream and to read it, over connections of their own, one at a time, each waited for.
package final class SocketControlCalls: ControlCalls {
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

  package func call(_ operation: ClientOperation, body: String) throws(StreamControlFailure) -> (
    status: Int, body: [UInt8]
  ) {
    Array(body.utf8).withUnsafeBytes { buffer.setBody($0) }
    let (connection, host) = operation.isAboutData ? data : control
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

/// Why a control-plane call did not give what the run needs.
package enum StreamControlFailure: Error, Equatable {
  /// No answer: refused, timed out, reset; with the transport's code.
  case unreachable(code: String)
  /// An error answer of the service.
  case refused(operation: String, status: Int, code: String, message: String)
  /// An answer that is not of the API's form.
  case garbage(operation: String, status: Int, detail: String)
  /// The stream did not become ACTIVE in time.
  case notActive(stream: String, status: String)

  /// Whether the run cannot go on without the answer: refusal by the network, authentication and an unknown stream are
  /// final, while garbage leaves the declared shard count to work with.
  package var isFinal: Bool {
    if case .garbage = self { return false }
    if case .refused(_, _, let code, _) = self { return code != "UnknownOperationException" }
    return true
  }

  /// Whether the service says that there is no such stream.
  package var isMissingStream: Bool {
    if case .refused(_, _, let code, _) = self { return code == "ResourceNotFoundException" }
    return false
  }
}

extension StreamControlFailure: CustomStringConvertible {
  /// One line, whatever control characters the target's words have.
  package var description: String { VisibleText.sentence(text) }

  private var text: String {
    switch self {
    case .unreachable(let code):
      return "no answer (\(code))"
    case .refused(let operation, let status, let code, let message):
      return "\(operation) was refused: HTTP \(status) \(code)" + (message.isEmpty ? "" : ": \(message)")
    case .garbage(let operation, let status, let detail):
      return "\(operation) was answered by something that is not the Kinesis API: HTTP \(status), \(detail)"
    case .notActive(let stream, let status):
      return "stream \(stream) is \(status), not ACTIVE"
    }
  }
}
