/// Why a file is no trace that can be played.
struct TraceFailure: Error, Hashable {
  /// Completes "expected …".
  let expected: String
  /// Completes "found …".
  let found: String
}

/// What is wrong with one row of a trace.
struct BadRow: Error, Hashable {
  /// A phrase: `no size`.
  let reason: String
}

/// The bad rows of a trace: all counted, the first ones kept.
struct BadRows {
  /// So many are shown.
  static let shown = 10

  private var first: [String] = []
  private(set) var count = 0

  /// Notes a row.
  mutating func note(line: Int, _ row: BadRow) {
    count += 1
    if first.count < Self.shown { first.append("  line \(line): \(row.reason)") }
  }

  /// The failure to report, when there is any bad row.
  func failure(of rows: Int) -> TraceFailure? {
    guard count > 0 else { return nil }
    let more = count > first.count ? ["  and \(count - first.count) more"] : []
    return TraceFailure(
      expected: "a trace without bad rows",
      found: "\(count) bad of \(rows) rows:\n" + (first + more).joined(separator: "\n") + "\n ")
  }
}
