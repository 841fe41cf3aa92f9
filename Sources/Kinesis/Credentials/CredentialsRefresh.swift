/// When temporary credentials are to be asked for anew: a state machine that is told the time and the outcomes.
///
/// They are renewed 15 minutes before they end (botocore `credentials.py`, `_advisory_refresh_timeout`), or at half their
/// remaining life when that is shorter. What fails is tried again after 1 s, doubled up to a minute, without end: also
/// after they have ended, since a source may recover.
package struct CredentialsRefresh: Hashable, Sendable {
  /// What a failed try means.
  package enum Failure: Hashable, Sendable {
    /// The first failure since credentials were had: they are still good.
    case stillGood(until: WallSeconds)
    /// They have ended meanwhile, told once.
    case ended(at: WallSeconds)
    /// Nothing that was not told before.
    case repeated
  }

  /// Seconds before the end at which a renewal is tried first.
  private static let lead: Int64 = 15 * 60
  /// Seconds between tries, at most.
  private static let longestPause: Int64 = 60

  /// When to ask next; nil when what there is never ends.
  package private(set) var next: WallSeconds?
  private var expiration: WallSeconds?
  private var failures = 0
  private var hasReportedEnd = false

  /// The state after credentials were had.
  ///
  /// - Parameters:
  ///   - expiration: when they end; nil for lasting ones.
  ///   - now: when they were had.
  package init(expiration: WallSeconds?, now: WallSeconds) {
    renewed(expiration: expiration, now: now)
  }

  /// Whether it is time to ask.
  package func isDue(_ now: WallSeconds) -> Bool { next.map { $0 <= now } ?? false }

  /// Takes note of new credentials.
  package mutating func renewed(expiration: WallSeconds?, now: WallSeconds) {
    self.expiration = expiration
    failures = 0
    hasReportedEnd = false
    next = expiration.map { end in
      let remaining = end.value - now.value
      // Never at once: a source that gives the same old ones again would be asked without a pause.
      return WallSeconds(max(now.value + 1, end.value - min(Self.lead, remaining / 2)))
    }
  }

  /// Takes note of a try that failed.
  package mutating func failed(now: WallSeconds) -> Failure {
    failures += 1
    next = WallSeconds(now.value + min(Self.longestPause, 1 << Int64(min(failures - 1, 6))))
    guard let expiration else { return .repeated }
    if now >= expiration {
      if hasReportedEnd { return .repeated }
      hasReportedEnd = true
      return .ended(at: expiration)
    }
    // The end itself is told when it comes, so the next try is not later.
    next = min(next ?? expiration, expiration)
    return failures == 1 ? .stillGood(until: expiration) : .repeated
  }
}
