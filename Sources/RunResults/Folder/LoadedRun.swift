import Observations

/// A result folder read back: everything a report may show, and nothing that is not in the files.
package struct LoadedRun: Sendable {
  /// The folder's path as given.
  package var folder = ""
  /// True for a folder whose run did not end in order: pieces may be missing or stop in the middle.
  package var isPartial = false
  /// Absent in a folder that was left partial.
  package var summary: Summary?
  /// Each file's rows; absent without the file.
  package var timeseries: [TimeseriesRow]?
  package var shards: [ShardRow]?
  package var shardSeconds: [ShardSecondRow]?
  package var responseBins: [ResponseBinRow]?
  package var phases: [PhaseRow]?
  package var latency: [LatencyRow]?
  package var keys: [KeyRow]?
  package var errors: [ErrorRow]?
  /// Absent unless the run was sized.
  package var sizing: [SizingRow]?
  /// `verification.json`; absent for a run whose stream was not read back.
  package var verification: Verification?
  /// `scenario.json` as it stands.
  package var scenario: [UInt8]?

  /// A run of which nothing is known.
  package init() {}
}
