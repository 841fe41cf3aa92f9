/// The part of a trace that falls into one phase. The trace starts with the run and plays on through its phases.
package struct TraceWindow: Hashable, Sendable {
  /// What is played.
  package let trace: Trace
  /// The phase's start since the trace's, nanoseconds.
  let start: Int64
  /// The number in the trace of the phase's first record, rounds counted on.
  let first: UInt64

  /// Cuts a phase out.
  ///
  /// - Parameter start: of the phase since the start of the run, nanoseconds.
  init(_ trace: Trace, start: Int64) {
    self.trace = trace
    self.start = start
    first = trace.count(before: start)
  }

  /// How many of the phase's records are due before a time since its start. O(log records).
  func count(before time: Int64) -> UInt64 { trace.count(before: start + time) - first }

  /// Goes through the trace's records that occur in the phase, once each, with how often they do.
  func forEachPosition(duration: Int64, _ body: (_ position: UInt64, _ times: UInt64) -> Void) {
    let round = UInt64(trace.count)
    let total = count(before: duration)
    for offset in 0..<min(total, round) {
      body((first + offset) % round, (total - offset + round - 1) / round)
    }
  }

  /// When the phase's record `index` is due, nanoseconds since the phase's start.
  @inline(__always)
  func due(_ index: UInt64) -> Int64 { trace.time(of: first + index) - start }
}
