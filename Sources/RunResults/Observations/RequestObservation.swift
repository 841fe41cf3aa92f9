/// One request, from the moment its batch should have been closed to the end of its answer. Times are nanoseconds since the
/// run's start.
package struct RequestObservation: Sendable {
  /// The batch's phase.
  package var phase: UInt16
  /// When the plan closes the batch; for a batch of retries the moment it came due.
  package var plannedClose: Int64
  /// When it was closed; `closed - plannedClose` is the lateness.
  package var closed: Int64
  /// When the message was encoded and signed.
  package var encoded: Int64
  /// When the first byte was written; `nil` when none ever was.
  package var firstByte: Int64?
  /// When the answer's last byte was read; `nil` without a whole answer.
  package var lastByte: Int64?
  /// When the outcome was known: `lastByte`, or the moment of the failure.
  package var ended: Int64
  /// HTTP status; 0 without one.
  package var status: UInt16
  /// What the answer amounts to.
  package var outcome: RequestOutcome
  /// The service's or the transport's error code, as interned by the lane (`ErrorCodes`); 0 for none.
  package var errorCode: UInt16
  /// Bytes written, the HTTP head included.
  package var bytesOnWire: Int

  /// A request of which nothing has happened yet but its closing.
  package init(phase: UInt16, plannedClose: Int64, closed: Int64) {
    self.phase = phase
    self.plannedClose = plannedClose
    self.closed = closed
    encoded = closed
    firstByte = nil
    lastByte = nil
    ended = closed
    status = 0
    outcome = .transport
    errorCode = 0
    bytesOnWire = 0
  }
}
