import Measurement

/// `client`: who sends and what happens on failure.
package struct ClientRule: Hashable, Sendable {
  /// Logical producers: record i belongs to producer i mod `producers`.
  package let producers: Int
  /// Connections in all, one request on each at a time.
  package let connections: Int
  /// Requests on the wire plus closed batches waiting, in all.
  package let maxInFlight: Int
  /// Of one request.
  package let timeout: Nanoseconds
  /// After the generator itself was late.
  package let late: LatePolicy
  /// For records that were not accepted.
  package let retry: RetryPolicy
  /// Full requests after which a producer's records repeat, so that bodies are written and hashed once; 0: never.
  package let payloadPool: Int
}

/// `client.late`: what happens after the generator itself was late or capped.
package enum LatePolicy: Hashable, Sendable {
  /// Everything that is due is sent at once.
  case burst
  /// The schedule's clock runs at most 2 s per second until it meets real time.
  case paced
  /// Records later than this are dropped and counted.
  case skip(after: Nanoseconds)
}

/// `client.retry`: what happens to records that were not accepted.
package enum RetryPolicy: Hashable, Sendable {
  /// They have failed for good.
  case none
  /// Only they are sent again, each at most `maxAttempts` times in all and not beyond `ttl` after its due time.
  case failedRecords(maxAttempts: Int, ttl: Nanoseconds?, backoff: Backoff)
  /// As the producer library: again after `pause` until `ttl` after the due time.
  case untilExpired(pause: Nanoseconds, ttl: Nanoseconds)

  /// The pause before a record's next try: `base` doubled with each try, at most `cap`.
  package struct Backoff: Hashable, Sendable {
    /// Before the second try.
    package let base: Nanoseconds
    /// The longest pause.
    package let cap: Nanoseconds
    /// Whether a random share of the pause is waited ("full jitter") instead of all of it.
    package let isJittered: Bool
  }
}
