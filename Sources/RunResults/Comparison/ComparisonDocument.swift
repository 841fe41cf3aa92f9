import StrictJSON

/// The word a comparison ends with.
package enum ComparisonVerdict: String, Sendable, CaseIterable {
  case worse, better, inconclusive
  case noChange = "no change"
  case notComparable = "not comparable"
}

/// What was found when two sides were compared: `comparison` of `summary.json`, and what `compare --json` prints.
package struct ComparisonDocument: SummarySection {
  /// See ``ComparisonVerdict``.
  package var verdict = ComparisonVerdict.notComparable.rawValue
  /// Whether the sides could be compared at all.
  package var comparable = false
  /// Why they could not; empty where they could.
  package var differences: [String] = []
  /// Whether the verdict is a test's; else that of a tolerance, and of too few rounds to know better.
  package var statistical = false
  /// Whether what cannot be told counts as worse.
  package var inconclusiveFails = false
  /// How many rounds of each side were judged together.
  package var pairs = 0
  /// Whether the two rounds of each pair were neighbours in time: only then does drift hit both alike.
  package var interleaved = false
  /// What the base is called: the first run's id, or a baseline's name.
  package var baselineID = ""
  package var base = ComparisonSideFacts()
  package var this = ComparisonSideFacts()
  package var metrics: [ComparisonMetric] = []
  package var leftOut: [ComparisonLeftOut] = []
  /// What else a reader must know, in sentences.
  package var notes: [String] = []
  /// Rounds made again because the machine was busy; `nil` where none could be.
  package var roundsRepeated: Int?
  /// The response times of each side, the median over its runs.
  package var response: [ComparisonPercentile] = []

  package init() {}

  /// The verdict as a value; a word of a later version counts as not comparable.
  package var outcome: ComparisonVerdict { ComparisonVerdict(rawValue: verdict) ?? .notComparable }

  /// The exit code that it asks for: a comparison that could not be made never passes.
  package var exitCode: ExitCode {
    switch outcome {
    case .worse: .regression
    case .notComparable: .usage
    case .inconclusive: inconclusiveFails ? .regression : .ok
    case .better, .noChange: .ok
    }
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("verdict", &verdict)
    try visitor.member("comparable", &comparable)
    try visitor.member("differences", &differences)
    try visitor.member("statistical", &statistical)
    try visitor.member("inconclusive_fails", &inconclusiveFails)
    try visitor.member("pairs", &pairs)
    try visitor.member("interleaved", &interleaved)
    try visitor.member("baseline_id", &baselineID)
    try visitor.member("base", &base)
    try visitor.member("this", &this)
    try visitor.member("metrics", &metrics)
    try visitor.member("left_out", &leftOut)
    try visitor.member("notes", &notes)
    try visitor.member("rounds_repeated", &roundsRepeated)
    try visitor.member("response_ms", &response)
  }
}

/// One side, for its provenance.
package struct ComparisonSideFacts: SummarySection {
  /// As the user gave it.
  package var name = ""
  package var scenario = ""
  package var version = ""
  package var revision: String?
  package var shards = 0
  package var endpointKind = ""
  package var machine = ""
  /// Its runs in the order of their start.
  package var runs: [String] = []
  /// Measured time of all of them.
  package var measuredS = 0.0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("name", &name)
    try visitor.member("scenario", &scenario)
    try visitor.member("version", &version)
    try visitor.member("revision", &revision)
    try visitor.member("shards", &shards)
    try visitor.member("endpoint_kind", &endpointKind)
    try visitor.member("machine", &machine)
    try visitor.member("runs", &runs)
    try visitor.member("measured_s", &measuredS, decimals: 3)
  }
}

/// What was found of one metric. A metric of scale `ratio` has `ratio` and its interval in multiples of the base, one of
/// scale `difference` has `difference` and its interval in the metric's unit.
package struct ComparisonMetric: SummarySection {
  /// `ratio` or `difference`.
  package enum Scale: String, Sendable { case ratio, difference }

  package var metric = ""
  package var unit = ""
  /// `lower` or `higher`.
  package var better = ""
  package var scale = Scale.ratio.rawValue
  /// The median over each side's rounds.
  package var base = 0.0
  package var this = 0.0
  /// The median over the pairs.
  package var ratio: Double?
  package var difference: Double?
  /// The interval at 95 % of this metric alone; an end that so few pairs leave open is absent.
  package var ciLow: Double?
  package var ciHigh: Double?
  /// The smallest change that counts, on the same scale: 0.05 is 5 % for a ratio, 5 points for a difference of ratios.
  package var tolerance = 0.0
  /// Adjusted for the number of metrics; absent without a test, and where nothing changed in any pair.
  package var pValue: Double?
  package var verdict = ComparisonVerdict.inconclusive.rawValue
  /// How many more pairs would probably decide it; absent where it is decided, and where no number that can be judged would.
  package var morePairs: Int?
  /// The rounds in order.
  package var baseValues: [Double] = []
  package var thisValues: [Double] = []

  package init() {}

  /// The verdict as a value.
  package var outcome: ComparisonVerdict { ComparisonVerdict(rawValue: verdict) ?? .inconclusive }
  /// Whether changes are multiples of the base.
  package var isRatio: Bool { scale == Scale.ratio.rawValue }
  /// The change: a multiple less one, or a difference.
  package var change: Double { isRatio ? (ratio ?? 1) - 1 : difference ?? 0 }
  /// The interval of the change.
  package var interval: (low: Double?, high: Double?) {
    isRatio ? (ciLow.map { $0 - 1 }, ciHigh.map { $0 - 1 }) : (ciLow, ciHigh)
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("metric", &metric)
    try visitor.member("unit", &unit)
    try visitor.member("better", &better)
    try visitor.member("scale", &scale)
    try visitor.member("base", &base, decimals: 6)
    try visitor.member("this", &this, decimals: 6)
    try visitor.member("ratio", &ratio, decimals: 6)
    try visitor.member("difference", &difference, decimals: 6)
    try visitor.member("ci_low", &ciLow, decimals: 6)
    try visitor.member("ci_high", &ciHigh, decimals: 6)
    try visitor.member("tolerance_ratio", &tolerance, decimals: 6)
    try visitor.member("p_value", &pValue, decimals: 12)
    try visitor.member("verdict", &verdict)
    try visitor.member("more_pairs", &morePairs)
    try visitor.member("base_values", &baseValues, decimals: 6)
    try visitor.member("this_values", &thisValues, decimals: 6)
  }
}

/// A metric that was not compared, and why.
package struct ComparisonLeftOut: SummarySection {
  package var metric = ""
  package var reason = ""

  package init() {}
  package init(metric: String, reason: String) { (self.metric, self.reason) = (metric, reason) }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("metric", &metric)
    try visitor.member("reason", &reason)
  }
}

/// A point of both sides' spectra.
package struct ComparisonPercentile: SummarySection {
  /// `p50`, `p99` and so on.
  package var percentile = ""
  /// In milliseconds.
  package var base = 0.0
  package var this = 0.0

  package init() {}
  package init(percentile: String, base: Double, this: Double) {
    (self.percentile, self.base, self.this) = (percentile, base, this)
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("percentile", &percentile)
    try visitor.member("base", &base, decimals: 4)
    try visitor.member("this", &this, decimals: 4)
  }
}

/// A line of `comparison.csv`: a metric of a comparison.
package struct ComparisonRow: CSVRow {
  package static let fileName = "comparison.csv"

  package var runID = ""
  package var baselineID = ""
  package var found = ComparisonMetric()
  package var pairs = 0

  package init() {}

  /// The lines of a comparison.
  package static func rows(_ document: ComparisonDocument, runID: String) -> [ComparisonRow] {
    document.metrics.map { metric in
      var row = ComparisonRow()
      row.runID = runID
      row.baselineID = document.baselineID
      row.found = metric
      row.pairs = document.pairs
      return row
    }
  }

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("baseline_id", &baselineID)
    try visitor.column("metric", &found.metric)
    try visitor.column("unit", &found.unit)
    try visitor.column("better", &found.better)
    try visitor.column("base", &found.base, decimals: 6)
    try visitor.column("this", &found.this, decimals: 6)
    try visitor.column("ratio", &found.ratio, decimals: 6)
    try visitor.column("ci_low", &found.ciLow, decimals: 6)
    try visitor.column("ci_high", &found.ciHigh, decimals: 6)
    try visitor.column("tolerance_ratio", &found.tolerance, decimals: 6)
    try visitor.column("pairs", &pairs)
    try visitor.column("p_value", &found.pValue, decimals: 12)
    try visitor.column("verdict", &found.verdict)
    try visitor.column("difference", &found.difference, decimals: 6)
  }
}
