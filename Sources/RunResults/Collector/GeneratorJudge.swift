import Measurement

/// Says second by second whether the load was what the scenario asked for, and whose fault it was if not.
package struct GeneratorJudge: Sendable {
  /// What is known of one measured second.
  package struct Second: Sendable {
    /// The lateness p99 of open-loop phases; `nil` without requests.
    package var lateness: Nanoseconds?
    /// Busy share of the busiest worker.
    package var cpuRatio: Double?
    package var stealRatio: Double?
    /// Whether the cap on requests in flight held a worker back.
    package var isCapped = false
    /// A `max` phase: being saturated or capped is its nature and no fault.
    package var isClosedLoop = false

    /// A second of which nothing is known.
    package init() {}
  }

  /// A worker busier than this cannot keep its deadlines.
  package static let busyBound = 0.9
  /// More steal than this, and the host's other guests are in the numbers.
  package static let stealBound = 0.1

  private let latenessBound: Nanoseconds
  private var isCatchingUp = false
  package private(set) var seconds = 0
  package private(set) var boundSeconds = 0
  package private(set) var cappedSeconds = 0
  /// Seconds of `max` phases, and those of them in which a worker was busier than its bound.
  package private(set) var closedLoopSeconds = 0
  package private(set) var saturatedSeconds = 0

  /// Judges against the layout's lateness bound.
  package init(latenessBound: Nanoseconds) { self.latenessBound = latenessBound }

  /// Judges the next second, in order.
  ///
  /// Lateness in a capped second is the target's fault: full slots keep batches open. So it is in the seconds right after,
  /// as long as the backlog is being sent.
  package mutating func judge(_ second: Second) -> (isBound: Bool, isCapped: Bool) {
    seconds += 1
    let isLate = (second.lateness ?? .zero) > latenessBound
    let isBusy = (second.cpuRatio ?? 0) > Self.busyBound
    let isStolen = (second.stealRatio ?? 0) > Self.stealBound
    if second.isClosedLoop {
      isCatchingUp = false
      closedLoopSeconds += 1
      if isBusy { saturatedSeconds += 1 }
      if isStolen { boundSeconds += 1 }
      return (isStolen, false)
    }
    let isCapped = second.isCapped || (isLate && isCatchingUp)
    isCatchingUp = isCapped
    let isBound = isBusy || isStolen || (isLate && !isCapped)
    if isBound { boundSeconds += 1 }
    if isCapped { cappedSeconds += 1 }
    return (isBound, isCapped)
  }

  /// Whether the rate of the `max` phases is the generator's limit rather than the target's, by the same twentieth.
  package var isSaturated: Bool { saturatedSeconds > 0 && saturatedSeconds * 20 >= closedLoopSeconds }

  /// The run's verdict: a twentieth of the measured seconds decides.
  package var verdict: GeneratorVerdict {
    if boundSeconds > 0, boundSeconds * 20 >= seconds { return .generatorBound }
    if cappedSeconds > 0, cappedSeconds * 20 >= seconds { return .capped }
    return .valid
  }
}
