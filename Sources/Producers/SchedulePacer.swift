import Measurement
import Scenarios

/// Runs the schedule's clock against the real one and says how much of a delay is the generator's own fault.
///
/// A batch may close when the *schedule time* has reached its planned close. The schedule time equals real time until
/// the worker is kept from acting: because it was late itself (descheduled, busy), or because the in-flight cap was
/// full (the target was slow). What happens then is the late policy:
/// - `paced` (default): the schedule time stands still meanwhile and afterwards runs at most 2 s per s until it has met
///   real time, so a stall is not followed by a burst that no producer would send. The bound of 2 is wrk2's.
/// - `burst`: the schedule time is always real time; all that is due goes out at once.
/// - `skip`: as `burst`, but what is later than `after` is dropped by the caller, counted.
///
/// A value without clock or effects: all instants are nanoseconds since the run's start and come in as arguments.
package struct SchedulePacer: Sendable {
  /// How far behind its first due batch a worker may be before it counts as late: timer slack and one batch's own
  /// encoding stay below it.
  package static let tolerance: Int64 = 1_000_000
  /// The most schedule seconds per real second while catching up.
  package static let catchUpSpeed: Int64 = 2

  private let policy: LatePolicy
  /// What the schedule's clock shows.
  package private(set) var scheduleTime: Int64
  private var realTime: Int64
  /// The part of the current delay that comes from a full in-flight cap, not from this worker.
  package private(set) var cappedDelay: Int64 = 0

  /// A pacer in step with real time.
  ///
  /// - Parameters:
  ///   - policy: what to do after a delay.
  ///   - start: real time, nanoseconds since the run's start (negative before it).
  package init(policy: LatePolicy, start: Int64) {
    self.policy = policy
    scheduleTime = start
    realTime = start
  }

  /// Moves both clocks to `now`.
  ///
  /// - Parameters:
  ///   - now: real time; a value before the last one is ignored.
  ///   - nextClose: the planned close of the earliest batch still open, if any.
  ///   - blocked: whether the in-flight cap kept that batch open since the last call.
  package mutating func advance(to now: Int64, nextClose: Int64?, blocked: Bool) {
    let elapsed = max(0, now - realTime)
    realTime = max(realTime, now)
    if blocked, let nextClose, nextClose <= realTime {
      // Only the time since the batch was due was taken by the cap.
      cappedDelay += min(elapsed, realTime - nextClose)
    }
    switch policy {
    case .burst, .skip:
      scheduleTime = realTime
    case .paced:
      let behind = realTime - elapsed - scheduleTime
      if blocked {
        scheduleTime = min(realTime, max(scheduleTime, nextClose ?? realTime))
      } else if behind <= 0 {
        // In step until now. If a batch has been due for longer than the tolerance, the worker was stalled since then.
        if let nextClose, nextClose < realTime - Self.tolerance {
          scheduleTime = max(scheduleTime, nextClose)
        } else {
          scheduleTime = realTime
        }
      } else {
        scheduleTime = min(realTime, scheduleTime + Self.catchUpSpeed * elapsed)
      }
    }
    let overdue = nextClose.map { max(0, realTime - $0) } ?? 0
    cappedDelay = min(cappedDelay, max(overdue, realTime - scheduleTime))
  }

  /// Real time at which the schedule's clock reaches `instant`, if nothing stalls again.
  package func realTime(reaching instant: Int64) -> Int64 {
    guard instant > scheduleTime else { return realTime }
    let behind = instant - scheduleTime
    return max(instant, realTime + (behind + Self.catchUpSpeed - 1) / Self.catchUpSpeed)
  }

  /// How late a batch closes by this worker's own fault, in nanoseconds.
  ///
  /// - Parameter plannedClose: when its last limit was reached by the plan.
  package func lateness(closing plannedClose: Int64) -> Int64 {
    max(0, realTime - plannedClose - cappedDelay)
  }

  /// Whether a batch planned for `plannedClose` is to be dropped now (policy `skip`).
  package func skips(_ plannedClose: Int64) -> Bool {
    guard case .skip(let after) = policy else { return false }
    return realTime - plannedClose > after.value
  }
}
