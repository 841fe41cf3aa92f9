import RunResults

/// What the endpoint said, by record and by request, and what became of every planned record.
enum AnswersSection {
  /// The section, or nothing when nothing was sent and nothing was due.
  ///
  /// - Parameter total: the line over all measured phases.
  static func markup(
    _ total: PhaseRow, _ requests: SummaryRequests, _ errors: [ErrorRow], _ shards: [ShardRow]
  ) -> Markup {
    guard total.plannedRecords > 0 || total.attemptedRecords > 0 else { return "" }
    var section = PageSection(title: "Answers by kind", findings: [accounting(total)], figureClasses: "two")
    let throttled = total.throttledRecords
    let placed = shards.reduce(0) { $0 + $1.placedByPredictionRecords }
    if throttled + total.faultRecords > 0 {
      let failed = throttled + total.faultRecords
      let share = min(Double(placed) / Double(failed), 1)
      section.notes = [
        "Shard of a failed attempt: named by its message in \(NumberFormat.percent(1 - share)) %, predicted in \(NumberFormat.percent(share)) %."
      ]
    }
    return section.markup(
      "<div>\(records(total, errors))\(ends(total))</div><div>\(answers(requests, total, errors))</div>")
  }

  /// The accounting identity in words.
  private static func accounting(_ total: PhaseRow) -> Prose {
    let ends =
      total.acceptedRecords + total.gaveUpRecords + total.expiredRecords + total.skippedRecords
      + total.unfinishedRecords
    return ends == total.plannedRecords
      ? "Every one of \(total.plannedRecords) planned records has its end."
      : "Of \(total.plannedRecords) planned records only \(ends) have an end: the count is broken."
  }

  private static func share(_ part: Int, _ whole: Int) -> String {
    whole > 0 ? NumberFormat.percent(Double(part) / Double(whole)) : "–"
  }

  private static func records(_ total: PhaseRow, _ errors: [ErrorRow]) -> Markup {
    var rows: Markup = """
      <tr><th scope="row">accepted</th><td class="n">\(count: total.acceptedRecords)</td>\
      <td class="n">\(share(total.acceptedRecords, total.attemptedRecords))</td><td class="mu"></td></tr>
      """
    let kinds = errors.filter { $0.level == "record" && $0.measured }
      .sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    for kind in kinds.prefix(20) { rows += row(kind, total.attemptedRecords) }
    if kinds.isEmpty {
      for (name, number) in [
        ("throttled", total.throttledRecords), ("failed", total.faultRecords), ("no answer", total.unknownRecords),
      ] where number > 0 {
        rows += """
          <tr><th scope="row">\(name)</th><td class="n">\(count: number)</td><td class="n">\(share(number, total.attemptedRecords))</td><td></td></tr>
          """
      }
    }
    return """
      <table aria-label="Answers by record"><thead><tr><th scope="col">record answer</th><th scope="col" class="n">attempts</th>\
      <th scope="col" class="n">%</th><th scope="col">first seen</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  private static func row(_ kind: ErrorRow, _ whole: Int) -> Markup {
    var seen = "\(kind.firstTS) s"
    if let shards = kind.shards { seen += ", \(shards) \(shards == 1 ? "shard" : "shards")" }
    let tooltip: Markup = kind.sampleMessage.isEmpty ? "" : " title=\"\(kind.sampleMessage)\""
    let status = kind.httpStatus.map { " \($0)" } ?? ""
    return """
      <tr><th scope="row" class="mono w"\(tooltip)>\(kind.code)\(kind.level == "record" ? "" : status)</th>\
      <td class="n">\(count: kind.count)</td><td class="n">\(share(kind.count, whole))</td><td class="mu">\(seen)</td></tr>
      """
  }

  private static func answers(_ requests: SummaryRequests, _ line: PhaseRow, _ errors: [ErrorRow]) -> Markup {
    let total = requests.total > 0 ? requests.total : line.requests
    let partial = requests.total > 0 ? requests.partial : line.requestsPartial
    let refused = requests.total > 0 ? requests.refused : line.requestsRefused
    let broken = requests.total > 0 ? requests.transportErrors : line.transportErrors
    let whole = requests.total > 0 ? requests.allAccepted : max(total - partial - refused - broken, 0)
    var rows = Markup()
    for (name, number) in [
      ("200, all accepted", whole), ("200, some accepted", partial), ("refused or all throttled", refused),
      ("no usable answer", broken),
    ] {
      rows += """
        <tr><th scope="row">\(name)</th><td class="n">\(count: number)</td><td class="n">\(share(number, total))</td></tr>
        """
    }
    let kinds = errors.filter { $0.level != "record" && $0.measured }
      .sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    for kind in kinds.prefix(12) {
      let status = kind.httpStatus.map { "\($0) " } ?? ""
      let tooltip: Markup = kind.sampleMessage.isEmpty ? "" : " title=\"\(kind.sampleMessage)\""
      rows += """
        <tr><th scope="row" class="mono w mu"\(tooltip)>\(status + kind.code)</th><td class="n">\(count: kind.count)</td>\
        <td class="n">\(share(kind.count, total))</td></tr>
        """
    }
    return """
      <table aria-label="Answers by request"><thead><tr><th scope="col">request answer</th><th scope="col" class="n">requests</th>\
      <th scope="col" class="n">%</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  private static func ends(_ total: PhaseRow) -> Markup {
    var rows = Markup()
    for (name, number) in [
      ("accepted", total.acceptedRecords), ("given up", total.gaveUpRecords), ("expired", total.expiredRecords),
      ("skipped late", total.skippedRecords), ("unfinished", total.unfinishedRecords),
    ] {
      rows += """
        <tr><th scope="row">\(name)</th><td class="n">\(count: number)</td><td class="n">\(share(number, total.plannedRecords))</td></tr>
        """
    }
    return """
      <table aria-label="Ends of records"><thead><tr><th scope="col">end of record</th><th scope="col" class="n">planned</th>\
      <th scope="col" class="n">%</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }
}
