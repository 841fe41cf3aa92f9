import Measurement
import RunResults

/// A plan as one page, marked as a model: what the limits would make of it first, then phases, the hash-key space, shards,
/// keys, cost and machines.
package enum PlanPage {
  /// Shards and keys with a row of their own.
  private static let mostRows = 200

  /// The page.
  ///
  /// - Parameters:
  ///   - plan: what was found.
  ///   - version: of the program.
  ///   - made: when, for the corner.
  package static func page(_ plan: PlanDocument, version: String, made: String) -> String {
    let word = word(plan)
    var page = Page(
      title: "plan · \(plan.scenario)", name: plan.scenario,
      about:
        "model, nothing was sent · \(NumberFormat.count(plan.shards.count, "shard")) · limits \(plan.limitsProfile) · seed \(String(plan.seed))",
      origin: "shardmeter \(version), plan<br>\(made)", version: version)
    page.parts = [
      verdict(plan, word: word), phases(plan), ranges(plan), shards(plan), keys(plan), outlook(plan), foot(plan),
    ]
    return page.html
  }

  private static func word(_ plan: PlanDocument) -> String {
    guard let total = plan.predictedTotal else { return "not predicted" }
    guard let ratio = total.throttleRatio, total.throttled > 0 else { return "nothing throttled" }
    return "\(NumberFormat.percent(ratio)) % throttled"
  }

  private static func verdict(_ plan: PlanDocument, word: String) -> Markup {
    let said: String
    if let total = plan.predictedTotal {
      said =
        "A model: of \(total.attempted == 1 ? "1 try" : "\(total.attempted) tries") \(total.throttled) would be "
        + "throttled; \(total.accepted) records would be accepted and \(total.lost) lost, \(total.expired) of them expired."
    } else {
      said = "A model: expected shares alone, since records were not counted one by one."
    }
    let warnings = plan.warnings.map { "<p class=\"trust un\">! \($0)</p>" as Markup }.joined()
    return """
      <div class="verdict done"><div><div class="word">\(word)</div><p class="why">\(said)</p></div><div>\
      <p class="trust">The hottest shard, \(plan.hottestShard), is expected to get \(NumberFormat.significant(plan.skew)) times the mean.</p>\
      \(warnings)</div></div>

      """
  }

  // MARK: - Tables

  private static func table(_ id: Markup, _ label: String, _ heads: [String], _ rows: [[Markup]]) -> Markup {
    let head = heads.enumerated().map { place, text -> Markup in
      "<th scope=\"col\"\(place == 0 ? "" : " class=\"n\"" as Markup)>\(text)</th>"
    }.joined()
    let body = rows.map { cells -> Markup in
      let rest = cells.dropFirst().map { "<td class=\"n\">\($0)</td>" as Markup }.joined()
      return "<tr><th scope=\"row\">\(cells.first ?? "")</th>\(rest)</tr>"
    }.joined()
    return """
      <table id="\(id)" aria-label="\(label)"><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table>
      """
  }

  private static let predictedHeads = ["attempted", "accepted", "throttled", "% of tries", "lost", "expired"]

  private static func cells(_ count: PredictedCount?) -> [Markup] {
    guard let count else { return predictedHeads.map { _ in "–" } }
    return [
      "\(count: count.attempted)", "\(count: count.accepted)", "\(count: count.throttled)",
      "\(count.throttleRatio.map { NumberFormat.percent($0) } ?? "–")", "\(count: count.lost)",
      "\(count: count.expired)",
    ]
  }

  private static func rate(_ value: Double?) -> Markup { "\(grouped: value.map { NumberFormat.brief($0) } ?? "–")" }

  private static func phases(_ plan: PlanDocument) -> Markup {
    let rows = plan.phases.enumerated().map { place, phase -> [Markup] in
      let note: Markup = phase.isMeasured ? "" : " <span class=\"mu\">not measured</span>"
      let mean = phase.amount.flatMap { Quotient.divide(Double($0.records), by: phase.duration.seconds) }
      return [
        "\(phase.name)\(note)", "\(NumberFormat.brief(phase.duration.seconds))",
        phase.amount.map { "\(grouped: "\($0.records)")" as Markup } ?? "as many as the target answers", rate(mean),
        rate(phase.amount?.busiest),
      ] + cells(plan.prediction?.phase(place))
    }
    return PageSection(
      title: "Phases", notes: ["Predicted by running the plan's own batches and retries in virtual time."],
      figureClasses: "tw", copies: "t-plan-phases"
    ).markup(
      table(
        "t-plan-phases", "Phases of the plan",
        ["phase", "seconds", "records", "rec/s", "busiest rec/s"] + predictedHeads, rows))
  }

  private static func ranges(_ plan: PlanDocument) -> Markup {
    let ranges = plan.shards.enumerated().compactMap { index, shard -> SizingDocument.ShardRange? in
      plan.limitUse(shard.part).map {
        SizingDocument.ShardRange(
          index: index, hashStart: shard.hashStart, hashEnd: shard.hashEnd, peakUse: $0, throttleRatio: nil)
      }
    }
    let found = "Expected use of the nearer limit in the busiest second, by shard."
    guard
      let drawing = RangeDrawing([.init(name: "use of a shard's limit, busiest second", shards: ranges)], goal: 1)
        .element(id: "c-ranges", description: found)
    else { return "" }
    return PageSection(
      title: "Hash-key space", findings: ["\(found)"],
      notes: ["Width: the shard's range of MD5 values. Dashed: its limit; orange is beyond it."]
    ).markup(drawing)
  }

  private static func cells(_ part: PlanDocument.Part, _ plan: PlanDocument, isOnOneShard: Bool = true) -> [Markup] {
    let hasRates = plan.total != nil
    return [
      "\(NumberFormat.percent(part.share))", "\(plan.plannedShare(part).map { NumberFormat.percent($0) } ?? "–")",
      rate(hasRates ? part.records : nil), rate(hasRates ? part.busiestRecords : nil),
      "\(isOnOneShard ? plan.limitUse(part).map { NumberFormat.wholePercent($0) } ?? "–" : "–")",
    ]
  }

  private static let partHeads = ["expected %", "planned %", "rec/s", "busiest rec/s", "% of limit"]

  private static func shards(_ plan: PlanDocument) -> Markup {
    let order = plan.shards.indices.sorted { (plan.shards[$0].part.share, $1) > (plan.shards[$1].part.share, $0) }
    let rows = order.prefix(mostRows).map { index -> [Markup] in
      ["\(index) <span class=\"mu mono\">\(plan.shards[index].id)</span>"] + cells(plan.shards[index].part, plan)
        + cells(plan.predicted(shard: index))
    }
    let more = order.count - rows.count
    return PageSection(
      title: "Shards", findings: ["By expected share, the hottest first."],
      notes: more > 0 ? ["\(NumberFormat.count(more, "more shard")): plan.json has all."] : [], figureClasses: "tw",
      copies: "t-plan-shards"
    ).markup(table("t-plan-shards", "Shards of the plan", ["shard"] + partHeads + predictedHeads, Array(rows)))
  }

  private static func keys(_ plan: PlanDocument) -> Markup {
    guard !plan.keys.isEmpty else { return "" }
    let rows = plan.keys.prefix(mostRows).map { key -> [Markup] in
      ["\(key.name.map(VisibleText.line) ?? "(hidden)")", "\(key.shard.map(String.init) ?? "–")"]
        + cells(key.part, plan, isOnOneShard: key.shard != nil)
    }
    return PageSection(title: "Heaviest keys", figureClasses: "tw", copies: "t-plan-keys").markup(
      table("t-plan-keys", "Heaviest keys of the plan", ["key", "shard"] + partHeads, rows))
  }

  private static func outlook(_ plan: PlanDocument) -> Markup {
    var lines: [Markup] = []
    if let cost = plan.cost {
      lines.append(
        "<p>A month costs \(NumberFormat.fixed(cost.provisioned, 2)) \(cost.currency) with \(NumberFormat.count(plan.shards.count, "shard")), \(NumberFormat.fixed(cost.onDemand, 2)) \(cost.currency) on demand (prices of \(cost.date) in \(cost.region)). Unsure: a PUT unit is taken as 25,000 bytes, and what is throttled as not charged.</p>"
      )
    }
    if let parts = plan.parts {
      lines.append(
        "<p>Shared by \(NumberFormat.count(parts.machines, "machine")), the fullest sends \(NumberFormat.brief(parts.requestsPerSecond)) requests/s and \(NumberFormat.significant(parts.bitsPerSecond / 1e9)) Gbit/s in the busiest second, over \(NumberFormat.count(parts.connections, "connection")) if answers take \(UnitText.duration(parts.answer.value)), with \(NumberFormat.significant(parts.cores)) cores (measured on a Xeon, plain http: \(PlanFigures.cpu)).</p>"
      )
    }
    guard !lines.isEmpty else { return "" }
    return PageSection(title: "Cost and machines").markup(lines.joined())
  }

  private static func foot(_ plan: PlanDocument) -> Markup {
    let judged = plan.readBackThresholds.map { "<p>Not judged by a model: \($0).</p>" as Markup }.joined()
    return PageSection(title: "What was assumed", classes: "end").markup(
      """
      <p>Buckets are full at the start; connections and requests in flight are enough; nothing else writes to the stream; \
      answers take what embedded.latency says, else no time.</p>\(judged)<p class="mono">workload \(plan.workloadHash)</p>\
      <p class="mono">plan \(plan.planHash)</p>
      """)
  }
}
