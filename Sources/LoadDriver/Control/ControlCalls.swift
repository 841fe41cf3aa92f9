/// One control-plane call at a time: the seam between what is asked of a stream and how the bytes travel.
package protocol ControlCalls {
  /// Makes one call.
  ///
  /// - Parameters:
  ///   - operation: for example `ListShards`.
  ///   - body: the JSON request.
  /// - Returns: the HTTP status and the answer's body, whatever they are.
  func call(_ operation: String, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8])
  /// Waits before a status is asked for again.
  func pause(milliseconds: Int)
}
