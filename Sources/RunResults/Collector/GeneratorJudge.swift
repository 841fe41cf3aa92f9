import Measurement

/// Says second by second whether the load was what the scenario asked for, and whose fault it was if not.
package struct GeneratorJudge: Sendable {
  /// What is known of one second.
  package struct Second: Sendable {
    /// The lateness p99 of open-loop phases; `nil` without requests.
    package var lateness: Nanoseconds?
    /// Busy share of the busiest worker.
    package var cpuRatio: Double?
    package var stealRatio: Double?
    /// How long a worker did not run although something was due, beyond the lateness bound; of the one kept longest.
    package var stopped = Nanoseconds.zero
    /// The part of it in which a worker was ready to run and was not run, in however small pieces; of the one kept longest.
    package var starvedRatio: Double?
    /// Whether the cap on requests in flight held a worker back.
    package var isCapped = false
    /// A `max` phase: being saturated or capped is its nature and no fault.
    package var isClosedLoop = false
    /// Behind the plan's end, or a stop: what is left is waited for.
    package var isDraining = false

    /// A second of which nothing is known.
    package init() {}
  }

  /// A worker busier than this cannot keep its deadlines.
  package static let busyBound = 0.9
  /// A worker that was at fault and less busy than this had time for more, had it been let run.
  package static let idleBound = 0.5
  /// More steal than this, and the host's other guests are in the numbers.
  package static let stealBound = 0.1
  /// A worker that is late, and ready without being run for more than this, is late for want of its core: other programs of
  /// the host are no better than its other guests.
  package static let starvedBound = 0.1
  /// A worker kept from running for longer than this in a second, beyond the lateness bound, has delayed more than the
  /// hundredth of it that a p99 leaves out.
  package static let stoppedBound = Nanoseconds.milliseconds(10)
  /// How much longer than a stop the backlog it left may take: the late policy sends it at twice the speed.
  private static let recovery: Int64 = 2

  private let latenessBound: Nanoseconds
  private var isCatchingUp = false
  /// What is left of the time in which delays are a stop's.
  private var recoveryLeft: Int64 = 0
  package private(set) var seconds = 0
  package private(set) var boundSeconds = 0
  /// Those of them in which no worker was busy for half of the time: it was stopped, or others had its core.
  package private(set) var stoppedSeconds = 0
  package private(set) var cappedSeconds = 0
  /// Seconds of `max` phases, and those of them in which a worker was busier than its bound.
  package private(set) var closedLoopSeconds = 0
  package private(set) var saturatedSeconds = 0

  /// Judges against the layout's lateness bound.
  package init(latenessBound: Nanoseconds) { self.latenessBound = latenessBound }

  /// Judges the next second, in order.
  ///
  /// Lateness in a capped second is the target's fault: full slots keep batches open. So it is in the seconds right after,
  /// as long as the backlog is being sent. But what fills the slots after a stop is the backlog of the stop, unless they
  /// were full before; and a worker that was starved is late by that, whatever else held it.
  ///
  /// A second of the drain counts only when the generator was at fault in it: the others measure nothing, and would make
  /// the fault look small.
  package mutating func judge(_ second: Second) -> (isBound: Bool, isCapped: Bool) {
    let isLate = (second.lateness ?? .zero) > latenessBound
    let isBusy = (second.cpuRatio ?? 0) > Self.busyBound
    let isStolen = (second.stealRatio ?? 0) > Self.stealBound
    let isStopped = second.stopped > Self.stoppedBound
    if second.isClosedLoop {
      isCatchingUp = false
      recoveryLeft = 0
      closedLoopSeconds += 1
      if isBusy { saturatedSeconds += 1 }
      note(second, isBound: isStolen || isStopped)
      return (isStolen || isStopped, false)
    }
    let isDelayed = second.isCapped || isLate
    let isOfStop = isStopped ? !isCatchingUp : isDelayed && recoveryLeft > 0
    if isOfStop {
      recoveryLeft += isStopped ? Self.recovery * second.stopped.value : -Nanoseconds.seconds(1).value
    } else if !isStopped {
      recoveryLeft = 0
    }
    let isStarved = isLate && (second.starvedRatio ?? 0) > Self.starvedBound
    let isCapped = !isOfStop && !isStarved && (second.isCapped || (isLate && isCatchingUp))
    isCatchingUp = isCapped
    let isBound = isBusy || isStolen || isStopped || isOfStop || (isLate && !isCapped)
    note(second, isBound: isBound)
    if second.isDraining { return (isBound, false) }
    if isCapped { cappedSeconds += 1 }
    return (isBound, isCapped)
  }

  private mutating func note(_ second: Second, isBound: Bool) {
    if isBound || !second.isDraining { seconds += 1 }
    guard isBound else { return }
    boundSeconds += 1
    if (second.cpuRatio ?? 0) < Self.idleBound { stoppedSeconds += 1 }
  }

  /// Whether the rate of the `max` phases is the generator's limit rather than the target's, by the same twentieth.
  package var isSaturated: Bool { saturatedSeconds > 0 && saturatedSeconds * 20 >= closedLoopSeconds }

  /// The run's verdict: a twentieth of the seconds judged decides.
  package var verdict: GeneratorVerdict {
    if boundSeconds > 0, boundSeconds * 20 >= seconds { return .generatorBound }
    if cappedSeconds > 0, cappedSeconds * 20 >= seconds { return .capped }
    return .valid
  }
}
