import Measurement
import Observations
import RunResults

/// Load over time against what the stream may take: records as the main chart and bytes as a strip, or the other way
/// round when the bytes are nearer to their limit.
enum LoadSection {
  /// One quantity with its layers, bottom up.
  private struct Quantity {
    let unit: String
    let accepted: [Double?]
    let throttled: [Double?]
    /// All of them together.
    let top: [Double?]
    let planned: [Double?]
    let limit: Double?
    /// The limit over time, where it changes: each with its start and end in seconds.
    let steps: [(from: Double, to: Double, value: Double)]
    let limitText: String
    let label: (Double) -> String

    /// The largest value that is drawn.
    var peak: Double { max(top.compactMap(\.self).max() ?? 0, planned.compactMap(\.self).max() ?? 0) }
    /// Whether the limit fits the axis without flattening the load.
    var showsLimit: Bool { limit.map { $0 <= 4 * max(peak, .leastNonzeroMagnitude) } ?? false }
  }

  /// The section, or nothing when no second was recorded.
  ///
  /// - Parameters:
  ///   - slack: by how many seconds what is sent may stay behind the plan without falling short of it.
  ///   - isObserved: whether the load came from somebody else, so that there is no plan.
  static func markup(
    _ time: Timeline, _ shards: ShardFacts, _ total: PhaseRow, slack: Double, isObserved: Bool = false
  ) -> Markup {
    guard time.frame.count > 0, !time.columns.isEmpty else { return "" }
    let frame = time.frame
    let main = shards.bytesBind ? bytes(time, shards) : records(time, shards)
    let other = shards.bytesBind ? records(time, shards) : bytes(time, shards)
    var drawing = Drawing(id: "c-load", width: TimeFrame.width, height: 272)
    drawing.warmUp(frame, y: 34, height: 150)
    drawing.warmUp(frame, y: 206, height: 46)
    draw(main, time, top: 34, bottom: 184, ticks: 5, isObserved: isObserved, into: &drawing)
    draw(other, time, top: 206, bottom: 252, ticks: 2, isObserved: isObserved, into: &drawing)
    drawing.phaseBrackets(time.phases, frame, y: 14)
    drawing.shardMarks(time.shardChanges, frame, y: 34, height: 150, label: true)
    drawing.shardMarks(time.shardChanges, frame, y: 206, height: 46, label: false)
    drawing.line(.axis, from: (TimeFrame.left, 184), to: (TimeFrame.right, 184))
    drawing.timeAxis(frame, y: 252)

    let findings = findings(time, shards, total, slack: isObserved ? nil : slack)
    var section = PageSection(title: "Load", classes: "tl")
    section.findings = findings
    let upper = shards.bytesBind ? "MiB a second, 1 MiB = 2^20 bytes of data and keys" : "Records per second"
    let lower = shards.bytesBind ? "records per second" : "MiB a second, 2^20 bytes of data and keys"
    section.notes = [
      "\(upper); below, \(lower). One step is \(frame.stepText). What was answered in it counts, whosever records it was."
    ]
    if time.columns.contains(where: { $0.traffic.throttled + $0.traffic.failed > 0 }) {
      section.notes.append("Bytes of refused records are counted at the mean size of attempts.")
    }
    if time.columns.contains(where: \.generatorBound) {
      section.notes.append("Hatched: the generator was the bottleneck.")
    }
    return section.markup(
      drawing.element(
        title: "Load over time, stacked: accepted and throttled, against the stream's limit",
        description: findings.map(\.plain).joined(separator: " "), classes: "tchart",
        attributes: "data-top=\"34\" data-bottom=\"252\""))
  }

  private static func draw(
    _ quantity: Quantity, _ time: Timeline, top: Double, bottom: Double, ticks: Int, isObserved: Bool,
    into drawing: inout Drawing
  ) {
    let frame = time.frame
    let limits = quantity.steps.map(\.value) + [quantity.limit ?? 0]
    let highest = max(quantity.peak, quantity.showsLimit ? limits.max() ?? 0 : 0)
    let scale: AxisScale
    if ticks > 2 {
      scale = .fromZero(to: highest * 1.04, count: ticks, start: bottom, end: top)
    } else {
      scale = .exact(to: highest * 1.15, count: ticks, start: bottom, end: top)
    }
    drawing.valueAxis(scale, label: quantity.label)
    let ground: [Double?] = quantity.accepted.map { $0.map { _ in 0 } }
    let middle: [Double?] = zip(quantity.accepted, quantity.throttled).map { pair in
      pair.0.flatMap { low in pair.1.map { low + $0 } }
    }
    drawing.area(.acceptedArea, from: ground, to: quantity.accepted, frame, scale)
    drawing.area(.throttledArea, from: quantity.accepted, to: middle, frame, scale)
    drawing.area(.faultArea, from: middle, to: quantity.top, frame, scale)
    drawing.steps(.acceptedLine, quantity.accepted, frame, scale)
    if ticks > 2, !isObserved { drawing.steps(.planLine, quantity.planned, frame, scale) }
    drawing.boundColumns(time.columns, frame, y: top, height: bottom - top)

    var labels: [MarginLabel] = []
    if let limit = quantity.limit {
      let last = quantity.steps.last?.value ?? limit
      let y = quantity.showsLimit ? scale(last) : top
      if quantity.showsLimit, quantity.steps.count > 1 {
        for step in quantity.steps {
          let left = step.from == quantity.steps[0].from ? TimeFrame.left : frame.x(step.from)
          drawing.line(.limitLine, from: (left, scale(step.value)), to: (frame.x(step.to), scale(step.value)))
        }
      } else if quantity.showsLimit {
        drawing.line(.limitLine, from: (TimeFrame.left, y), to: (TimeFrame.right, y))
      } else {
        drawing.line(.limitLine, from: (TimeFrame.right - 24, y), to: (TimeFrame.right, y))
      }
      labels.append(
        MarginLabel(
          y, .label, quantity.showsLimit ? "limit of the stream" : "limit, far above:", detail: quantity.limitText))
    }
    let last = quantity.accepted.lastIndex { $0 != nil }
    if let last {
      let highest = quantity.top[last] ?? 0
      if ticks > 2 {
        if !isObserved, quantity.planned.contains(where: { $0 != nil }) {
          labels.append(MarginLabel(scale(quantity.planned[last] ?? 0) - 7, .label, "planned (dotted)"))
        }
        if time.columns.contains(where: { $0.traffic.failed > 0 }) {
          labels.append(MarginLabel(scale(highest), .fault, "failed"))
        }
        if time.columns.contains(where: { $0.traffic.throttled > 0 }) {
          labels.append(
            MarginLabel(scale(middle[last] ?? 0), .throttled, "throttled"))
        }
        labels.append(MarginLabel(scale(quantity.accepted[last] ?? 0), .accepted, "accepted"))
      } else {
        labels.append(MarginLabel(scale(highest), .accepted, quantity.unit))
      }
    }
    drawing.marginLabels(labels, in: (top + 4)...(bottom + 4))
  }

  private static func rate(_ time: Timeline, _ value: KeyPath<TimeColumn, Int>, per unit: Double = 1) -> [Double?] {
    time.columns.enumerated().map { index, column in
      Quotient.divide(column[keyPath: value], by: time.frame.covered(index)).map { $0 / unit }
    }
  }

  private static func records(_ time: Timeline, _ shards: ShardFacts) -> Quantity {
    Quantity(
      unit: "records/s", accepted: rate(time, \.traffic.accepted), throttled: rate(time, \.traffic.throttled),
      top: rate(time, \.traffic.ended), planned: rate(time, \.planned), limit: shards.recordLimit,
      steps: shards.limitSteps.steps.compactMap { step in step.records.map { (step.from, step.to, $0) } },
      limitText: shards.limitText(bytes: false), label: NumberFormat.compact)
  }

  private static func bytes(_ time: Timeline, _ shards: ShardFacts) -> Quantity {
    let accepted = rate(time, \.traffic.acceptedBytes, per: 1_048_576)
    let whole = time.columns.reduce(into: Traffic()) { $0.add($1.traffic) }
    // Bytes are counted of attempts and of what was accepted, which in one step may be of other attempts: what was refused
    // in it has the mean size of its attempts.
    func refused(_ records: KeyPath<Traffic, Int>) -> [Double] {
      time.columns.enumerated().map { index, column in
        let tries = column.traffic.attempted > 0 ? column.traffic : whole
        let mean = tries.attempted > 0 ? Double(tries.attemptedBytes) / Double(tries.attempted) : 0
        let seconds = time.frame.covered(index)
        return seconds > 0 ? Double(column.traffic[keyPath: records]) * mean / seconds / 1_048_576 : 0
      }
    }
    let (throttled, failed) = (refused(\.throttled), refused(\.failed))
    return Quantity(
      unit: "MiB/s", accepted: accepted, throttled: zip(accepted, throttled).map { $0 == nil ? nil : $1 },
      top: accepted.indices.map { index in accepted[index].map { $0 + throttled[index] + failed[index] } },
      planned: accepted.map { _ in nil }, limit: shards.byteLimit.map { $0 / 1_048_576 },
      steps: shards.limitSteps.steps.compactMap { step in step.bytes.map { (step.from, step.to, $0 / 1_048_576) } },
      limitText: shards.limitText(bytes: true), label: NumberFormat.compact)
  }

  private static func findings(
    _ time: Timeline, _ shards: ShardFacts, _ total: PhaseRow, slack: Double?
  ) -> [Prose] {
    let seconds = total.durationS
    guard seconds > 0 else { return ["Nothing was measured: the run ended before a measured phase began."] }
    let planned = total.plannedRecordsPerS ?? 0
    let sent = total.firstTryRecordsPerS ?? 0
    var first: Prose
    if slack == nil {
      first =
        "\(rate: total.attemptedRecordsPerS ?? 0) rec/s came, \(rate: total.acceptedRecordsPerS ?? 0) were accepted."
    } else if (planned - sent) * seconds <= max(planned * seconds * 0.005, planned * (slack ?? 0)) {
      first = "The plan was kept: \(rate: planned) rec/s planned, \(rate: sent) sent."
    } else {
      first = "The plan was not kept: \(rate: planned) rec/s planned, \(rate: sent) sent while it ran."
    }
    if let share = Quotient.retryRatio.value(of: total), share > 0 {
      first = first + "Retries put \(NumberFormat.wholePercent(share)) % on top."
    }
    let changes = Findings.resharding(time.shardChanges, shards.rows)
    return changes.isEmpty ? [first] : [first, changes]
  }
}
