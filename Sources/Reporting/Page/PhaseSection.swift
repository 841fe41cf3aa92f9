import Measurement
import Observations
import RunResults

/// The table of the phases, and of all measured ones together.
enum PhaseSection {
  /// The section, or nothing without phases.
  ///
  /// - Parameters:
  ///   - drain: what is to be said of the time after the last phase.
  ///   - throttleLimit: the bound on the throttle ratio; ratios over it are marked.
  static func markup(_ rows: [PhaseRow], drain: Prose?, throttleLimit: Double?) -> Markup {
    guard !rows.isEmpty else { return "" }
    let heads = [
      "planned", "first tries", "attempted", "accepted", "throttled %", "failed %", "lost %", "shards throttled",
      "resp. p50", "resp. p99", "delivery p99",
    ]
    var head = heads.map { "<th scope=\"col\" class=\"n w\">\($0)</th>" as Markup }.joined()
    for (_, metric) in Metric.columns {
      head += "<th scope=\"col\" class=\"n w\" title=\"\(metric.name)\">\(metric.head.description)</th>"
    }
    let body = rows.map { row($0, throttleLimit) }.joined()
    let table: Markup = """
      <table id="t-phase" aria-label="Results by phase"><thead><tr><th scope="col">phase</th>\
      <th scope="col" class="n">from, to</th>\(head)</tr></thead><tbody>\(body)</tbody></table>
      """
    return PageSection(
      title: "By phase", findings: drain.map { [$0] } ?? [],
      notes: [
        "Records per second by the clock: what was sent and answered while the phase ran, whosever records it was. Shares and times (ms) are of the records that came due in it, whenever they ended. Only measured phases count."
      ],
      figureClasses: "tw", copies: "t-phase"
    ).markup(table)
  }

  private static func row(_ row: PhaseRow, _ throttleLimit: Double?) -> Markup {
    let isAll = row.phase == PhaseRow.allName
    func rate(_ perSecond: Double?) -> Markup { perSecond.map { "\(grouped: NumberFormat.fixed($0, 0))" } ?? "–" }
    func cell(_ value: Markup) -> Markup { "<td class=\"n\">\(value)</td>" }
    // The drain is told by how many there were.
    func amount(_ perSecond: Double?, _ count: Int?) -> Markup {
      guard row.phase == PhaseRow.drainName, let count else { return rate(perSecond) }
      return "\(count: count) <span class=\"mu\">in all</span>"
    }
    func latency(_ value: Double?) -> Markup {
      "<td class=\"n\">\(grouped: value.map(NumberFormat.significant) ?? "–")</td>"
    }
    func failure(_ ratio: Double?, _ count: Int) -> Markup {
      let text = ratio.map(NumberFormat.percent) ?? "–"
      return count > 0 ? "<td class=\"n ft\">\(text)</td>" : "<td class=\"n\">\(text)</td>"
    }
    let ratio = Metric.throttleRatio.value(of: row)
    let isBad = ratio.map { $0 > throttleLimit ?? 1 } ?? false
    let metrics = Metric.columns.map { _, metric -> Markup in
      let format = metric.unit == .ratio ? NumberFormat.percent : NumberFormat.significant
      return cell("\(row.metrics[metric].map(format) ?? "–")")
    }
    let seconds = "\(clock(row.startS)) to \(clock(row.startS + row.durationS)) s"
    let note: Markup = row.measured || isAll ? "" : " <span class=\"mu\">not measured</span>"
    return """
      <tr\(isAll ? " class=\"all\"" as Markup : "")><th scope="row" class="w">\(isAll ? "all measured" : row.phase)\(note)</th>\
      <td class="n mu">\(seconds)</td>\(cell(rate(row.plannedRecordsPerS)))\(cell(rate(row.firstTryRecordsPerS)))\
      \(cell(amount(row.attemptedRecordsPerS, row.clock?.attempted)))\
      \(cell(amount(row.acceptedRecordsPerS, row.clock?.accepted)))\
      <td class="n\(isBad ? " bad" as Markup : "")">\(ratio.map(NumberFormat.percent) ?? "–")</td>\
      \(failure(row.failedRatio, row.traffic.failed))\(failure(row.lostShare, row.delivery.lost))\
      \(cell("\(row.shardsThrottled)"))\(latency(row.responseP50Ms))\(latency(row.responseP99Ms))\
      \(latency(row.deliveryP99Ms))\(metrics.joined())</tr>
      """
  }

  private static func clock(_ seconds: Double) -> String {
    let text = NumberFormat.fixed(abs(seconds), seconds == seconds.rounded() ? 0 : 1)
    return seconds < 0 ? "−" + text : text
  }
}
