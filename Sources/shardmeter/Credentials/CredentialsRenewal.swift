import Dispatch
import Kinesis
import Measurement

/// Renews temporary credentials while a run goes on, on a queue of its own: workers never wait for it.
///
/// Everything belongs to `queue` but `cancel` and `start`, which hop onto it; `@unchecked Sendable` for that reason.
final class CredentialsRenewal: @unchecked Sendable {
  /// The clock is looked at again after so long, since the wall clock may be set meanwhile.
  private static let longestWait: Int64 = 30

  private let queue = DispatchQueue(label: "shardmeter.credentials")
  private let current: CurrentCredentials
  private let source: String
  private let fetch: @Sendable () throws(CredentialsFailure) -> Credentials
  private let wallTime: @Sendable () -> WallTime
  private let warn: @Sendable (String) -> Void
  private var refresh: CredentialsRefresh
  private var isCancelled = false

  /// A renewal at rest.
  ///
  /// - Parameters:
  ///   - current: where renewed credentials go; its present value counts.
  ///   - source: what to call where they come from.
  ///   - fetch: asks the source; may block.
  ///   - warn: takes a sentence for the user, on this object's queue.
  init(
    current: CurrentCredentials, source: String, wallTime: @escaping @Sendable () -> WallTime,
    fetch: @escaping @Sendable () throws(CredentialsFailure) -> Credentials, warn: @escaping @Sendable (String) -> Void
  ) {
    self.current = current
    self.source = source
    self.fetch = fetch
    self.wallTime = wallTime
    self.warn = warn
    refresh = CredentialsRefresh(
      expiration: current.value?.expiration, now: WallSeconds(wallTime().secondsSinceEpoch))
  }

  /// Starts to watch the time.
  func start() { queue.async { self.wait() } }

  /// Ends it without waiting for a request under way, whose outcome is then dropped.
  func cancel() { queue.async { self.isCancelled = true } }

  private var now: WallSeconds { WallSeconds(wallTime().secondsSinceEpoch) }

  private func wait() {
    guard !isCancelled, let next = refresh.next else { return }
    let seconds = max(0, min(Self.longestWait, next.value - now.value))
    queue.asyncAfter(deadline: .now() + .seconds(Int(seconds))) { [weak self] in self?.tick() }
  }

  private func tick() {
    if !isCancelled, refresh.isDue(now) { renew() }
    wait()
  }

  private func renew() {
    do {
      let renewed = try fetch()
      if isCancelled { return }
      if let end = renewed.expiration, end <= now {
        throw CredentialsFailure.unusable(source: source, reason: "they have ended")
      }
      current.replace(with: renewed)
      refresh.renewed(expiration: renewed.expiration, now: now)
    } catch {
      switch refresh.failed(now: now) {
      case .stillGood(let end):
        warn("the credentials could not be renewed and end at \(end.iso8601): \(error)")
      case .ended(let end):
        warn("the credentials ended at \(end.iso8601) and could not be renewed: \(error)")
      case .repeated: break
      }
    }
  }
}
