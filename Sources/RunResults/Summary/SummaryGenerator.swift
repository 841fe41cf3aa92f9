import StrictJSON

/// Whether the generator kept up, and how that is known.
package struct SummaryGenerator: SummarySection {
  /// The same as `validity`.
  package var verdict = GeneratorVerdict.valid.rawValue
  /// The busiest worker in its busiest measured second.
  package var cpuMaxRatio: Double?
  package var latenessP99Ms: Double?
  package var inFlightMax: Int?
  package var inFlightCap: Int?
  /// Records that came due and were never tried.
  package var unsent = 0
  /// Seconds in which the generator was the bottleneck, those of the drain included.
  package var boundS = 0
  /// Measured seconds in which the cap on requests in flight held it back.
  package var cappedS = 0
  /// Measured seconds judged, and those of the drain in which the generator was the bottleneck.
  package var seconds = 0
  /// Processor time taken by other guests of the host, in the worst measured second.
  package var stealMaxRatio: Double?
  package var workers = 0
  /// The lateness p99 from which a second counts as the generator's fault.
  package var latenessBoundMs: Double?
  package var connections: Int?
  /// Requests of the measured seconds whose bytes the kernel did not take at once, its send buffer being full.
  package var sendBufferFullRequests: Int?
  /// Measured seconds of `max` phases in which a worker was saturated: their rate is the generator's limit.
  package var saturatedS = 0
  /// Measured seconds of `max` phases.
  package var closedLoopS = 0
  /// Seconds of `bound_s` in which no worker was busy for half of the time: it was stopped, or others had its core.
  package var stoppedS = 0
  /// What the requests in flight could carry, where their cap held the load back.
  package var littlesLaw: SummaryLittlesLaw?

  /// Whether it was stopped or starved, rather than asked for more than it can, in most of the seconds it was bound in.
  package var wasStopped: Bool { stoppedS * 2 > boundS }

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("verdict", &verdict)
    try visitor.member("cpu_max_ratio", &cpuMaxRatio, decimals: 4)
    try visitor.member("lateness_p99_ms", &latenessP99Ms, decimals: 4)
    try visitor.member("in_flight_max", &inFlightMax)
    try visitor.member("in_flight_cap", &inFlightCap)
    try visitor.member("unsent", &unsent)
    try visitor.member("bound_s", &boundS)
    try visitor.member("capped_s", &cappedS)
    try visitor.member("seconds", &seconds)
    try visitor.member("steal_max_ratio", &stealMaxRatio, decimals: 4)
    try visitor.member("workers", &workers)
    try visitor.member("lateness_bound_ms", &latenessBoundMs, decimals: 4)
    try visitor.member("connections", &connections)
    try visitor.member("send_buffer_full_requests", &sendBufferFullRequests)
    try visitor.member("saturated_s", &saturatedS)
    try visitor.member("closed_loop_s", &closedLoopS)
    try visitor.member("stopped_s", &stoppedS)
    try visitor.member("littles_law", &littlesLaw)
  }
}
