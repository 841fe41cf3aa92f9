import Kinesis
import Measurement
import Reporting
import RunResults
import Scenarios

extension PlanReport {
  /// The widest line.
  static let widest = 80
  /// Shards with a line of their own.
  private static let mostShards = 8

  /// Tables of at most 80 columns, ASCII, as long at 4,000 shards as at ten.
  var text: String {
    let blocks = [[head], phases, shards, keys, batches + notes]
    return blocks.filter { !$0.isEmpty }.map { $0.map { line in trimmed(line) + "\n" }.joined() }.joined(
      separator: "\n")
  }

  private var head: String {
    let scenario = plan.scenario
    var time = NumberFormat.seconds(plan.duration.seconds)
    let unmeasured = overview.phases.filter { !$0.isMeasured }.reduce(Nanoseconds.zero) { $0 + $1.duration }
    if unmeasured > .zero { time += ", \(NumberFormat.seconds(unmeasured.seconds)) of it not measured" }
    return [
      VisibleText.cut(VisibleText.ascii(scenario.name), to: 32), NumberFormat.count(map.count, "shard"), time,
      "seed \(scenario.seed)",
    ].joined(separator: "   ")
  }

  // MARK: - Phases

  private var phases: [String] {
    var lines = [
      phaseRow("phase", ["seconds", "records", "requests", "rec/s", "busiest", "MiB/s", "rec/req"])
    ]
    let shown = overview.phases.count > 14 ? Array(overview.phases.prefix(12)) : overview.phases
    for phase in shown {
      let name = VisibleText.cut(VisibleText.ascii(phase.name), to: phase.isMeasured ? 11 : 9)
      lines.append(
        phaseRow(name + (phase.isMeasured ? "" : " *"), amount(phase.amount, seconds: phase.duration.seconds)))
    }
    if shown.count < overview.phases.count {
      lines.append(NumberFormat.count(overview.phases.count - shown.count, "more phase"))
    }
    if overview.total != nil {
      lines.append(phaseRow("all", amount(overview.total, seconds: overview.duration.seconds)))
    }
    if overview.phases.contains(where: { !$0.isMeasured }), overview.scope == .measured {
      lines.append("* not measured: counted in no line below")
    }
    return lines
  }

  private func amount(_ amount: PlanOverview.Amount?, seconds: Double) -> [String] {
    guard let amount else { return [NumberFormat.brief(seconds), "as many as the target answers"] }
    return [
      NumberFormat.brief(seconds), "\(amount.records)", NumberFormat.fixed(amount.requests, 0),
      rate(Double(amount.records) / seconds), rate(amount.busiest), NumberFormat.mebibytes(amount.bytes / seconds),
      amount.requests > 0 ? NumberFormat.significant(Double(amount.records) / amount.requests) : "-",
    ]
  }

  private func phaseRow(_ name: String, _ cells: [String]) -> String {
    guard cells.count > 2 else { return left(name, 11) + right(cells[0], 9) + "  " + cells[1] }
    return left(name, 11) + zip(cells, [9, 12, 11, 10, 10, 8, 9]).map(right).joined()
  }

  // MARK: - Shards and keys

  private static let partHeads = ["expected", "planned", "rec/s", "busiest", "MiB/s", "of limit"]

  private func cells(_ part: PlanOverview.Part, isOnOneShard: Bool = true) -> [String] {
    let hasRates = overview.total != nil
    return [
      percent(part.share), plannedShare(part).map(percent) ?? "-",
      hasRates ? rate(part.records) : "-", hasRates ? rate(part.busiestRecords) : "-",
      hasRates ? NumberFormat.mebibytes(part.busiestBytes) : "-",
      isOnOneShard ? limitUse(part).map { NumberFormat.wholePercent($0) + " %" } ?? "-" : "-",
    ]
  }

  private func partRow(_ cells: [String]) -> String { zip(cells, [11, 11, 9, 9, 8, 9]).map(right).joined() }

  private var shards: [String] {
    let order = overview.shards.indices.sorted {
      (overview.shards[$0].share, $1) > (overview.shards[$1].share, $0)
    }
    let shown = order.prefix(order.count == Self.mostShards + 1 ? Self.mostShards + 1 : Self.mostShards)
    var lines = [left("shard", 22) + partRow(Self.partHeads)]
    for index in shown {
      lines.append(
        left(VisibleText.cut("\(index)  \(VisibleText.ascii(map.shards[index].id))", to: 22, gap: ".."), 22)
          + partRow(cells(overview.shards[index])))
    }
    if shown.count < order.count {
      let most = overview.shards[order[shown.count]].share
      lines.append(
        "\(NumberFormat.count(order.count - shown.count, "more shard")), none above \(NumberFormat.percentCeiling(most)) %"
      )
    }
    if order.count > 1 {
      lines.append(
        "hottest shard \(overview.hottest): \(NumberFormat.significant(overview.skew)) times the mean of all")
    }
    return lines
  }

  private var keys: [String] {
    guard let heaviest = overview.keys.first else {
      return ["every record has a key that no other has"]
    }
    if overview.weighedKeys > overview.keys.count, overview.otherKeys < 1e-9,
      abs(heaviest.part.share * Double(overview.weighedKeys) - 1) < 1e-9
    {
      let use = limitUse(heaviest.part).map { ", \(NumberFormat.wholePercent($0)) % of a shard's limit" } ?? ""
      return [
        "\(overview.weighedKeys) keys, all alike: \(NumberFormat.percent(heaviest.part.share)) % of the records each\(use)"
      ]
    }
    var lines = [left("key", 16) + right("shard", 6) + partRow(Self.partHeads)]
    for key in overview.keys {
      let name = names.name(of: key.id).map { VisibleText.cut(VisibleText.ascii($0), to: 16) } ?? "(hidden)"
      lines.append(
        left(name, 16) + right(key.shard.map { "\($0)" } ?? "-", 6)
          + partRow(cells(key.part, isOnOneShard: key.shard != nil)))
    }
    if let count = plan.keys.count {
      let more = Int(clamping: count) - overview.keys.count
      if more > 0 { lines.append(NumberFormat.count(more, "more key")) }
    } else {
      lines.append("\(percent(overview.otherKeys)) of the records have a key that no other has")
    }
    return lines
  }

  // MARK: - Batches and notes

  private var batches: [String] {
    let scenario = plan.scenario
    let linger = scenario.batch.linger.map { "after \(UnitText.duration($0.value))" } ?? "when full"
    var lines = [
      "batches    at most \(NumberFormat.count(scenario.batch.records, "record")) and \(UnitText.size(Int64(scenario.batch.bytes))), "
        + "closed \(linger), \(NumberFormat.count(scenario.client.producers, "producer"))"
    ]
    if let total = overview.total, total.requests > 0 {
      let mean = NumberFormat.significant(Double(total.records) / total.requests)
      let size = NumberFormat.significant(total.bytes / total.requests / 1024)
      let perSecond = NumberFormat.significant(total.requests / overview.duration.seconds)
      lines.append("           \(mean) records and \(size) KiB a request, \(perSecond) requests/s")
    }
    return lines
  }

  private var notes: [String] {
    var lines: [String] = []
    if overview.scope == .closed {
      lines.append("expected   exact probabilities; a closed loop has no rate before it runs")
    } else {
      lines.append("expected   exact probabilities of the keys, hashed onto the shards")
      lines.append(
        overview.isWalked
          ? "planned    counted record by record, as are requests and bytes"
          : "planned    over \(PlanOverview.mostWalked) records: not counted, requests and bytes are expected")
      let records = limits.recordsPerSecond.map { "\($0) rec/s" }
      let bytes = limits.bytesPerSecond.map { "\(NumberFormat.mebibytes(Double($0))) MiB/s" }
      let limit = [records, bytes].compactMap { $0 }.joined(separator: " or ")
      lines.append("busiest    rate in the busiest second of any phase")
      if !limit.isEmpty { lines.append("of limit   the busiest second's part of a shard's \(limit)") }
    }
    lines.append("workload   \(plan.scenario.workloadHash)")
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

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 1)) + text
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private func trimmed(_ line: String) -> String {
    var line = String(line.prefix(Self.widest))
    while line.last == " " { line.removeLast() }
    return line
  }
}
