import Observations

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
  package var description: String { ErrorTable.printable(text) }

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
