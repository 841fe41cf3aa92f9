/// A line of `rounds.csv`: a round of an `ab`, in the order they were made, the spoiled ones too.
package struct RoundRow: CSVRow {
  package static let fileName = "rounds.csv"

  /// From 1.
  package var order = 0
  /// From 1.
  package var pair = 0
  /// `a` or `b`.
  package var side = ""
  /// From 1; the last one counts.
  package var attempt = 0
  package var runID = ""
  /// Whether it was compared.
  package var kept = false
  /// Shares of all processor time during the round: the host's other guests, and other processes than this one and its own.
  package var stealRatio: Double?
  package var otherCPURatio: Double?
  /// Why it should be made again; empty for a good one.
  package var spoiledBy = ""

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("order", &order)
    try visitor.column("pair", &pair)
    try visitor.column("side", &side)
    try visitor.column("attempt", &attempt)
    try visitor.column("run_id", &runID)
    try visitor.column("kept", &kept)
    try visitor.ratio("steal_ratio", &stealRatio)
    try visitor.ratio("other_cpu_ratio", &otherCPURatio)
    try visitor.column("spoiled_by", &spoiledBy)
  }
}
