import Measurement
import Observations
import RunResults

/// What `plan` prints on a terminal: tables of at most 80 columns, ASCII, as long at 4,000 shards as at ten.
package struct PlanText {
  /// Shards with a line of their own.
  private static let mostShards = 8

  private let plan: PlanDocument
  private let charset: TerminalCharset

  /// The text of a plan, each line with its end.
  ///
  /// - Parameter charset: what the terminal shows of foreign text.
  package static func text(_ plan: PlanDocument, charset: TerminalCharset = .ascii) -> String {
    PlanText(plan: plan, charset: charset).text
  }

  private var text: String {
    let blocks = [[head], phases, shards, keys, predictions, outlook, batches + notes]
    return blocks.filter { !$0.isEmpty }.map { block in
      block.map { TerminalLine($0).text(columns: TerminalText.widest, colour: false) + "\n" }.joined()
    }.joined(separator: "\n")
  }

  private var head: String {
    let whole = plan.phases.reduce(Nanoseconds.zero) { $0 + $1.duration }
    var time = NumberFormat.seconds(whole.seconds)
    let unmeasured = plan.phases.filter { !$0.isMeasured }.reduce(Nanoseconds.zero) { $0 + $1.duration }
    if unmeasured > .zero { time += ", \(NumberFormat.seconds(unmeasured.seconds)) of it not measured" }
    return [
      VisibleText.cut(charset.shown(plan.scenario), to: 32), NumberFormat.count(plan.shards.count, "shard"), time,
      "seed \(plan.seed)",
    ].joined(separator: "   ")
  }

  // MARK: - Phases

  private var phases: [String] {
    var lines = [
      phaseRow("phase", ["seconds", "records", "requests", "rec/s", "busiest", "MiB/s", "rec/req"])
    ]
    let shown = plan.phases.count > 14 ? Array(plan.phases.prefix(12)) : plan.phases
    for phase in shown {
      let name = VisibleText.cut(charset.shown(phase.name), to: phase.isMeasured ? 11 : 9)
      lines.append(
        phaseRow(name + (phase.isMeasured ? "" : " *"), amount(phase.amount, seconds: phase.duration.seconds)))
    }
    if shown.count < plan.phases.count {
      lines.append(NumberFormat.count(plan.phases.count - shown.count, "more phase"))
    }
    if plan.total != nil {
      lines.append(phaseRow("all", amount(plan.total, seconds: plan.duration.seconds)))
    }
    if plan.phases.contains(where: { !$0.isMeasured }), plan.scope == .measured {
      lines.append("* not measured: counted in no line below")
    }
    return lines
  }

  private func amount(_ amount: PlanDocument.Amount?, seconds: Double) -> [String] {
    guard let amount else { return [NumberFormat.brief(seconds), "as many as the target answers"] }
    let records = Double(amount.records)
    return [
      NumberFormat.brief(seconds), "\(amount.records)", NumberFormat.fixed(amount.requests, 0),
      Quotient.divide(records, by: seconds).map(rate) ?? "-", rate(amount.busiest),
      Quotient.divide(amount.bytes, by: seconds).map(NumberFormat.mebibytes) ?? "-",
      Quotient.divide(records, by: amount.requests).map(NumberFormat.significant) ?? "-",
    ]
  }

  private func phaseRow(_ name: String, _ cells: [String]) -> String {
    guard cells.count > 2 else {
      return TerminalText.left(name, 11) + TerminalText.right(cells[0], 9) + "  " + cells[1]
    }
    return TerminalText.left(name, 11) + zip(cells, [9, 12, 11, 10, 10, 8, 9]).map(TerminalText.right).joined()
  }

  // MARK: - Shards and keys

  private static let partHeads = ["expected", "planned", "rec/s", "busiest", "MiB/s", "of limit"]

  private func cells(_ part: PlanDocument.Part, isOnOneShard: Bool = true) -> [String] {
    let hasRates = plan.total != nil
    return [
      percent(part.share), plan.plannedShare(part).map(percent) ?? "-",
      hasRates ? rate(part.records) : "-", hasRates ? rate(part.busiestRecords) : "-",
      hasRates ? NumberFormat.mebibytes(part.busiestBytes) : "-",
      isOnOneShard ? plan.limitUse(part).map { NumberFormat.wholePercent($0) + " %" } ?? "-" : "-",
    ]
  }

  private func partRow(_ cells: [String]) -> String {
    zip(cells, [11, 11, 9, 9, 8, 9]).map(TerminalText.right).joined()
  }

  private var shards: [String] {
    let order = plan.shards.indices.sorted {
      (plan.shards[$0].part.share, $1) > (plan.shards[$1].part.share, $0)
    }
    let shown = order.prefix(order.count == Self.mostShards + 1 ? Self.mostShards + 1 : Self.mostShards)
    var lines = [TerminalText.left("shard", 22) + partRow(Self.partHeads)]
    for index in shown {
      lines.append(
        TerminalText.left(
          VisibleText.cut("\(index)  \(charset.shown(plan.shards[index].id))", to: 22, gap: ".."), 22)
          + partRow(cells(plan.shards[index].part)))
    }
    if shown.count < order.count {
      let most = plan.shards[order[shown.count]].part.share
      lines.append(
        "\(NumberFormat.count(order.count - shown.count, "more shard")), none above \(NumberFormat.percentCeiling(most)) %"
      )
    }
    if order.count > 1 {
      lines.append(
        "hottest shard \(plan.hottestShard): \(NumberFormat.significant(plan.skew)) times the mean of all")
    }
    return lines
  }

  private var keys: [String] {
    guard let heaviest = plan.keys.first else {
      return ["every record has a key that no other has"]
    }
    if plan.weighedKeys > plan.keys.count, plan.otherKeys < 1e-9,
      abs(heaviest.part.share * Double(plan.weighedKeys) - 1) < 1e-9
    {
      let use = plan.limitUse(heaviest.part).map { ", \(NumberFormat.wholePercent($0)) % of a shard's limit" } ?? ""
      return [
        "\(plan.weighedKeys) keys, all alike: \(NumberFormat.percent(heaviest.part.share)) % of the records each\(use)"
      ]
    }
    var lines = [TerminalText.left("key", 16) + TerminalText.right("shard", 6) + partRow(Self.partHeads)]
    for key in plan.keys {
      let name = key.name.map { VisibleText.cut(charset.shown($0), to: 16) } ?? "(hidden)"
      lines.append(
        TerminalText.left(name, 16) + TerminalText.right(key.shard.map { "\($0)" } ?? "-", 6)
          + partRow(cells(key.part, isOnOneShard: key.shard != nil)))
    }
    if let count = plan.keyCount {
      let more = Int(clamping: count) - plan.keys.count
      if more > 0 { lines.append(NumberFormat.count(more, "more key")) }
    } else {
      lines.append("\(percent(plan.otherKeys)) of the records have a key that no other has")
    }
    return lines
  }

  // MARK: - Prediction

  /// What the limits make of each phase, and of the shards that throttle most.
  private var predictions: [String] {
    guard let prediction = plan.prediction, let total = plan.predictedTotal else { return [] }
    var lines = [predictedRow("predicted", ["attempted", "accepted", "throttled", "% of tries", "lost", "expired"])]
    guard total.throttled > 0 || plan.phases.indices.contains(where: { prediction.phase($0).throttled > 0 }) else {
      return ["predicted  nothing is throttled: every record is taken at its first try"]
    }
    let most = plan.phases.count > 14 ? 12 : plan.phases.count
    for (index, phase) in plan.phases.prefix(most).enumerated() {
      let name = VisibleText.cut(charset.shown(phase.name), to: phase.isMeasured ? 19 : 17)
      lines.append(predictedRow(name + (phase.isMeasured ? "" : " *"), cells(prediction.phase(index))))
    }
    if most < plan.phases.count { lines.append(NumberFormat.count(plan.phases.count - most, "more phase")) }
    let hot = plan.shards.indices.compactMap { index in plan.predicted(shard: index).map { (index, $0) } }
      .filter { $0.1.throttled > 0 }.sorted { ($0.1.throttled, $1.0) > ($1.1.throttled, $0.0) }
    for (index, count) in hot.prefix(Self.mostShards) {
      lines.append(predictedRow("shard \(index)", cells(count)))
    }
    if hot.count > Self.mostShards {
      lines.append(NumberFormat.count(hot.count - Self.mostShards, "more shard") + " that throttle less")
    }
    lines.append(predictedRow("all", cells(total)))
    return lines
  }

  private func cells(_ count: PredictedCount) -> [String] {
    [
      "\(count.attempted)", "\(count.accepted)", "\(count.throttled)",
      count.throttleRatio.map { NumberFormat.percent($0) } ?? "-", "\(count.lost)",
      "\(count.expired)",
    ]
  }

  private func predictedRow(_ name: String, _ cells: [String]) -> String {
    TerminalText.left(name, 19) + zip(cells, [11, 11, 10, 11, 9, 8]).map(TerminalText.right).joined()
  }

  // MARK: - Outlook

  /// What a month costs, and what each of several machines would carry.
  private var outlook: [String] {
    var lines: [String] = []
    if let cost = plan.cost {
      let mean = cost.monthMean.map { "whose mean is \(NumberFormat.percent($0)) % of the busiest minute" }
      lines.append(
        "cost       \(NumberFormat.count(plan.shards.count, "shard")) \(NumberFormat.fixed(cost.provisioned, 2)) "
          + "\(cost.currency) a month, on demand \(NumberFormat.fixed(cost.onDemand, 2)) \(cost.currency)")
      lines.append("           a month \(mean ?? "like the measured phases")")
      lines.append("           prices of \(cost.date), \(cost.region); unsure: a PUT unit is 25,000 bytes,")
      lines.append("           and what is throttled is not charged")
    }
    if let parts = plan.parts {
      let idle = parts.idle > 0 ? ", \(parts.idle) without any" : ""
      lines.append(
        "parts      \(NumberFormat.count(parts.machines, "machine")) for \(NumberFormat.count(parts.producers, "producer")), "
          + "\(parts.mostProducers) on the fullest\(idle)")
      lines.append(
        "           \(rate(parts.requestsPerSecond)) requests/s, "
          + "\(NumberFormat.significant(parts.bitsPerSecond / 1e9)) Gbit/s with base64, in the busiest second")
      lines.append(
        "           \(NumberFormat.count(parts.connections, "connection")) if answers take "
          + "\(UnitText.duration(parts.answer.value)); \(NumberFormat.significant(parts.cores)) cores")
      lines.append("           measured on a Xeon: " + PlanFigures.cpu)
    }
    return lines
  }

  // MARK: - Batches and notes

  private var batches: [String] {
    let linger = plan.batch.linger.map { "after \(UnitText.duration($0.value))" } ?? "when full"
    var lines = [
      "batches    at most \(NumberFormat.count(plan.batch.records, "record")) and \(UnitText.size(Int64(plan.batch.bytes))), "
        + "closed \(linger), \(NumberFormat.count(plan.producers, "producer"))"
    ]
    if let total = plan.total, let mean = Quotient.divide(Double(total.records), by: total.requests),
      let size = Quotient.divide(total.bytes, by: total.requests),
      let perSecond = Quotient.divide(total.requests, by: plan.duration.seconds)
    {
      lines.append(
        "           \(NumberFormat.significant(mean)) records and \(NumberFormat.significant(size / 1024)) KiB a request, "
          + "\(NumberFormat.significant(perSecond)) requests/s")
    }
    return lines
  }

  private var notes: [String] {
    var lines: [String] = []
    if plan.scope == .closed {
      lines.append("expected   exact probabilities; a closed loop has no rate before it runs")
    } else {
      lines.append("expected   exact probabilities of the keys, hashed onto the shards")
      lines.append(
        plan.isCounted
          ? "planned    counted record by record, as are requests and bytes"
          : "planned    over \(plan.mostCounted) records: not counted, requests and bytes are expected")
      lines.append(
        plan.prediction == nil
          ? "predicted  nothing: that takes records counted one by one"
          : "predicted  by a model: batches and retries in virtual time against the limits")
      let records = plan.limits.recordsPerSecond.map { "\($0) rec/s" }
      let bytes = plan.limits.bytesPerSecond.map { "\(NumberFormat.mebibytes(Double($0))) MiB/s" }
      let limit = [records, bytes].compactMap { $0 }.joined(separator: " or ")
      lines.append("busiest    rate in the busiest second of any phase")
      if !limit.isEmpty { lines.append("of limit   the busiest second's part of a shard's \(limit)") }
    }
    for name in plan.readBackThresholds {
      lines.append("not judged \(charset.shown(name)): takes run --read-back")
    }
    lines.append("workload   \(plan.workloadHash)")
    lines.append("plan       \(plan.planHash)")
    return lines
  }

  // MARK: - Words

  private func rate(_ value: Double) -> String {
    value < 99.95 ? NumberFormat.significant(value) : NumberFormat.fixed(value, 0)
  }

  /// A share; sums of a million masses end a hair beside 1.
  private func percent(_ share: Double) -> String {
    NumberFormat.percent(abs(share - 1) < 1e-9 ? 1 : share) + " %"
  }
}
