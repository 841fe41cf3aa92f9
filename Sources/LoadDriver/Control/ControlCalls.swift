/// One control-plane call at a time: the seam between what is asked of a stream and how the bytes travel.
package protocol ControlCalls {
  /// Makes one call.
  ///
  /// - Parameters:
  ///   - operation: for example `ListShards`.
  ///   - body: the JSON request.
  /// - Returns: the HTTP status and the answer's body, whatever they are.
  func call(_ operation: String, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8])
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
}

extension ControlCalls {
  /// Calls without secrets.
  package func masked(_ text: String) -> String { text }
}
