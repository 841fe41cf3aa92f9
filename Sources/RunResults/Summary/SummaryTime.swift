import StrictJSON

/// When the run was and how long its parts took.
package struct SummaryTime: SummarySection {
  /// The first phase's start as `2026-03-14T09:15:02.113Z`.
  package var start = ""
  /// Before the first measured phase.
  package var warmupS: Double = 0
  /// The measured phases together, as far as they ran.
  package var measuredS: Double = 0
  /// From the last phase's end to the last answer.
  package var drainS: Double = 0
  package var end: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("start", &start)
    try visitor.member("warmup_s", &warmupS, decimals: 3)
    try visitor.member("measured_s", &measuredS, decimals: 3)
    try visitor.member("drain_s", &drainS, decimals: 3)
    try visitor.member("end", &end)
  }
}
