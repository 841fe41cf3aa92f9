/// Notices when a worker did not run although something was due: stopped, starved of its core, on a machine that paused.
///
/// It is told by the clock how each turn went. A span is a stop when it lasted longer than the bound that lateness has, and
/// counts from there on. Long work looks the same by the clock, so at every tick what was found is held against the
/// processor time: what the worker used, or slept of its own will, it was not stopped in. What is left of the time is what it
/// was ready to run in and was not run, in however small pieces.
///
/// A value without clock: instants are nanoseconds since the run's start. Nothing is allocated unless many stops fall between
/// two ticks.
struct StopMeter {
  /// How long a worker may be kept from running before it counts.
  let bound: Int64
  private var spans: [Range<Int64>] = []
  private var slept: Int64 = 0
  private var lastTaken: Int64

  /// A meter that knows nothing.
  ///
  /// - Parameter start: now.
  init(bound: Int64, start: Int64) {
    self.bound = bound
    lastTaken = start
    spans.reserveCapacity(8)
  }

  /// The worker had something to do all the time between two instants, or waited to be run.
  mutating func wanted(from start: Int64, to end: Int64) {
    if end - start > bound { spans.append(start..<end) }
  }

  /// The worker slept.
  ///
  /// - Parameters:
  ///   - start: when it fell asleep.
  ///   - until: when it asked to be woken.
  ///   - woke: when it ran again.
  ///   - due: when the first thing came due that it should have run for, if anything did.
  mutating func slept(from start: Int64, until: Int64, woke: Int64, due: Int64?) {
    slept += max(0, min(until, woke) - start)
    if let due { wanted(from: due, to: woke) }
  }

  /// The stops since the last call, in order, each from where it began to count, and how long the worker was ready to run
  /// and was not run in all, nanoseconds.
  ///
  /// - Parameters:
  ///   - now: the end of the time they are of.
  ///   - processor: the processor time used in it, nanoseconds.
  mutating func take(at now: Int64, processor: Int64) -> (stops: [Range<Int64>], starved: Int64) {
    defer {
      spans.removeAll(keepingCapacity: true)
      slept = 0
      lastTaken = now
    }
    let kept = max(0, now - lastTaken - slept - processor)
    if spans.isEmpty { return ([], kept) }
    let found = spans.reduce(0) { $0 + Int64($1.count) }
    // What was work in them shortens all of them alike: which one it was in is not known.
    let share = found > kept ? Double(kept) / Double(found) : 1
    let stops: [Range<Int64>] = spans.compactMap { span in
      let end = span.lowerBound + Int64(Double(span.count) * share)
      return end - span.lowerBound > bound ? span.lowerBound + bound..<end : nil
    }
    return (stops, kept)
  }
}
