import Measurement
import Observations
import RunResults

/// What the endpoint said, by record and by request, and what became of every planned record.
enum AnswersSection {
  /// The section, or nothing when nothing was sent and nothing was due.
  ///
  /// - Parameter total: the line over all measured phases.
  static func markup(
    _ total: PhaseRow, _ requests: SummaryRequests, _ errors: [ErrorRow], _ shards: [ShardRow]
  ) -> Markup {
    guard total.planned > 0 || total.traffic.attempted > 0 else { return "" }
    var section = PageSection(title: "Answers by kind", findings: [accounting(total)], figureClasses: "two")
    section.notes = ["Of the records that came due in the measured phases, whenever they were answered."]
    let throttled = total.traffic.throttled
    let placed = shards.reduce(0) { $0 + $1.traffic.placedByPrediction }
    if let part = Quotient.divide(placed, by: throttled + total.traffic.fault) {
      let share = min(part, 1)
      section.notes.append(
        "Shard of a failed attempt: named by its message in \(NumberFormat.percent(1 - share)) %, predicted in \(NumberFormat.percent(share)) %."
      )
    }
    return section.markup(
      "<div>\(records(total, errors))\(ends(total))</div><div>\(answers(requests, total, errors))</div>")
  }

  /// The accounting identity in words.
  private static func accounting(_ total: PhaseRow) -> Prose {
    let ends = total.traffic.accepted + total.delivery.lost
    return ends == total.planned
      ? "Every one of \(total.planned) planned records has its end."
      : "Of \(total.planned) planned records only \(ends) have an end: the count is broken."
  }

  private static func share(_ part: Int, _ whole: Int) -> String {
    Quotient.divide(part, by: whole).map(NumberFormat.percent) ?? "–"
  }

  private static func records(_ total: PhaseRow, _ errors: [ErrorRow]) -> Markup {
    var rows: Markup = """
      <tr><th scope="row">accepted</th><td class="n">\(count: total.traffic.accepted)</td>\
      <td class="n">\(share(total.traffic.accepted, total.traffic.attempted))</td><td class="mu"></td></tr>
      """
    let kinds = errors.filter { $0.level == "record" && $0.measured }
      .sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    for kind in kinds.prefix(20) { rows += row(kind, total.traffic.attempted) }
    if kinds.isEmpty {
      for (name, number) in [
        ("throttled", total.traffic.throttled), ("failed", total.traffic.fault), ("no answer", total.traffic.unknown),
      ] where number > 0 {
        rows += """
          <tr><th scope="row">\(name)</th><td class="n">\(count: number)</td><td class="n">\(share(number, total.traffic.attempted))</td><td></td></tr>
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
    let counts = requests.traffic.requests > 0 ? requests.traffic : line.traffic
    let total = counts.requests
    var rows = Markup()
    for (name, number) in [
      ("200, all accepted", max(counts.requestsAllAccepted, 0)), ("200, some accepted", counts.requestsPartial),
      ("refused or all throttled", counts.requestsRefused), ("no usable answer", counts.transportErrors),
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
      ("accepted", total.traffic.accepted), ("given up", total.delivery.gaveUp), ("expired", total.delivery.expired),
      ("skipped late", total.delivery.skipped), ("unfinished", total.delivery.unfinished),
    ] {
      rows += """
        <tr><th scope="row">\(name)</th><td class="n">\(count: number)</td><td class="n">\(share(number, total.planned))</td></tr>
        """
    }
    return """
      <table aria-label="Ends of records"><thead><tr><th scope="col">end of record</th><th scope="col" class="n">planned</th>\
      <th scope="col" class="n">%</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }
}
