/// How busy a worker's engine was since it was last asked.
package struct EngineLoad: Equatable, Sendable {
  /// The most requests on the wire plus closed batches waiting for a connection.
  package var inFlightMax: Int
  /// Whether the in-flight cap kept a batch open that was due.
  package var wasCapped: Bool
  /// Records whose batch should have been closed by now (linger has passed) and that were not sent for the first time.
  package var unsent: Int
  /// Requests whose bytes the kernel did not take at once: its send buffer was full.
  package var sendBufferFull: Int
}
