import StrictJSON

/// One shard count of a sweep, a line of `sizing.csv`.
package struct SizingRow: CSVRow {
  package static let fileName = "sizing.csv"

  package var runID = ""
  package var shards = 0
  /// Throttled over attempts; over first tries in rows that are not exact, where records are tried again.
  package var throttleRatio: Double?
  package var throttleWithoutTopKeyRatio: Double?
  /// Records never taken, over all; unknown in rows that are not exact, where records are tried again.
  package var undeliveredRatio: Double?
  package var shardsThrottled = 0
  package var meanUseRatio: Double?
  package var peakUseRatio: Double?
  package var binding = ""
  package var exact = false
  package var meetsGoals = false
  package var oneCallFromNow = false
  package var isNow = false
  /// Throttled over attempts of a run on so many shards; unknown for counts that were not driven.
  package var measuredThrottleRatio: Double?

  package init() {}

  /// The rows of a document.
  package static func rows(of document: SizingDocument, runID: String) -> [SizingRow] {
    document.rows.map { from in
      var row = SizingRow()
      (row.runID, row.shards, row.binding) = (runID, from.shards, from.binding)
      (row.throttleRatio, row.throttleWithoutTopKeyRatio) = (from.throttleRatio, from.throttleWithoutTopRatio)
      (row.undeliveredRatio, row.shardsThrottled) = (from.undeliveredRatio, from.shardsThrottled)
      (row.meanUseRatio, row.peakUseRatio) = (from.meanUse, from.peakUse)
      (row.exact, row.meetsGoals, row.oneCallFromNow, row.isNow) = (
        from.isExact, from.meets, from.isOneCall, from.isNow
      )
      row.measuredThrottleRatio = document.measurement(of: from.shards)?.measuredRatio
      return row
    }
  }

  /// A document as far as rows and a summary's `sizing` tell it: what a page shows of a sweep.
  package static func document(of rows: [SizingRow], _ sizing: JSONValue) -> SizingDocument {
    var document = SizingDocument()
    if case .array(let texts)? = sizing["sentences"] {
      document.sentences = texts.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    if case .integer(let count)? = sizing["recommended"]?["shards"] { document.recommended = Int(clamping: count) }
    if case .number(let goal)? = sizing["goals"]?["throttle_ratio"] { document.throttleGoal = goal }
    if case .integer(let goal)? = sizing["goals"]?["throttle_ratio"] { document.throttleGoal = Double(goal) }
    if case .bool(let retries)? = sizing["retries"] { document.hasRetries = retries }
    for from in rows where from.shards > 0 {
      var row = SizingDocument.Row()
      (row.shards, row.binding, row.shardsThrottled) = (from.shards, from.binding, from.shardsThrottled)
      (row.throttleRatio, row.throttleWithoutTopRatio) = (from.throttleRatio ?? 0, from.throttleWithoutTopKeyRatio ?? 0)
      (row.meanUse, row.peakUse) = (from.meanUseRatio ?? 0, from.peakUseRatio ?? 0)
      (row.undeliveredRatio, row.isExact, row.meets) = (from.undeliveredRatio, from.exact, from.meetsGoals)
      (row.isOneCall, row.isNow) = (from.oneCallFromNow, from.isNow)
      document.rows.append(row)
      if from.isNow { document.shardsNow = from.shards }
      guard let ratio = from.measuredThrottleRatio else { continue }
      var measurement = SizingDocument.Measurement()
      (measurement.shards, measurement.modelRatio, measurement.measuredRatio) = (from.shards, row.throttleRatio, ratio)
      document.measurements.append(measurement)
    }
    return document
  }

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("shards", &shards)
    try visitor.ratio("throttle_ratio", &throttleRatio)
    try visitor.ratio("throttle_without_top_key_ratio", &throttleWithoutTopKeyRatio)
    try visitor.ratio("undelivered_ratio", &undeliveredRatio)
    try visitor.column("shards_throttled", &shardsThrottled)
    try visitor.ratio("mean_use_ratio", &meanUseRatio)
    try visitor.ratio("peak_use_ratio", &peakUseRatio)
    try visitor.column("binding", &binding)
    try visitor.column("exact", &exact)
    try visitor.column("meets_goals", &meetsGoals)
    try visitor.column("one_call_from_now", &oneCallFromNow)
    try visitor.column("is_now", &isNow)
    try visitor.ratio("measured_throttle_ratio", &measuredThrottleRatio)
  }
}
