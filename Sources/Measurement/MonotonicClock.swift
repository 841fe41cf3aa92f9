/// A source of instants that never goes back: the one clock every latency is measured with.
package protocol MonotonicClock: Sendable {
  /// The present instant.
  func now() -> Instant
}
