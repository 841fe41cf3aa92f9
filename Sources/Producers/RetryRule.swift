import Measurement
import Scenarios

/// What happens to a record whose try failed: the scenario's retry policy as plain arithmetic.
struct RetryRule: Sendable {
  /// The most tries of a record, the first included; `Int.max` where only time ends it.
  let maximumAttempts: Int
  /// How long after its due time a record is given up as expired, nanoseconds; nil = never.
  let timeToLive: Int64?
  /// Delay before the second try, nanoseconds; doubled for each further one up to `cap`.
  private let base: Int64
  private let cap: Int64
  private let isJittered: Bool
  private let random: CounterRandom

  /// The rule of a policy; `random` draws the jitter.
  init(_ policy: RetryPolicy, random: CounterRandom) {
    self.random = random
    switch policy {
    case .none:
      (maximumAttempts, timeToLive, base, cap, isJittered) = (1, nil, 0, 0, false)
    case .failedRecords(let maxAttempts, let ttl, let backoff):
      (maximumAttempts, timeToLive) = (maxAttempts, ttl?.value)
      (base, cap, isJittered) = (backoff.base.value, backoff.cap.value, backoff.isJittered)
    case .untilExpired(let pause, let ttl):
      (maximumAttempts, timeToLive, base, cap, isJittered) = (.max, ttl.value, pause.value, pause.value, false)
    }
  }

  /// What becomes of a record after a failed try.
  enum Verdict: Equatable {
    case again(at: Int64)
    case gaveUp
    case expired
  }

  /// Decides about a record after its try number `attempt` failed.
  ///
  /// - Parameters:
  ///   - attempt: the try that failed, from 1.
  ///   - due: when the record came due.
  ///   - now: when the failure was known.
  ///   - request: a number that names the failed request, so that its records share one jitter draw and stay together.
  func verdict(attempt: Int, due: Int64, now: Int64, request: UInt64) -> Verdict {
    guard attempt < maximumAttempts else { return .gaveUp }
    let again = now + delay(after: attempt, request: request)
    if let timeToLive, again - due > timeToLive { return .expired }
    return .again(at: again)
  }

  /// Backoff after a failed try: `base` doubled per further try, at most `cap`; with jitter a draw from [0, that), the
  /// "full jitter" of AWS's "Exponential Backoff And Jitter" (2015).
  private func delay(after attempt: Int, request: UInt64) -> Int64 {
    let doublings = Int64(min(attempt - 1, 62))
    let ceiling = base > cap >> doublings ? cap : base << doublings
    return isJittered ? Int64(random.unit(request, draw: UInt64(attempt)) * Double(ceiling)) : ceiling
  }
}
