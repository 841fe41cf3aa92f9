import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON

/// How many shards a plan needs: the sweep over the draws of key names, the engine at the answer, and what would help.
package struct SizingStudy {
  /// What is asked.
  package struct Question: Sendable {
    /// The goals.
    package var goals: SizingRule
    /// For the commands that are printed.
    package var stream: String
    package var region: String
    /// The mean of a month over the busiest minute; `nil`: the month is as the judged time is on the average.
    package var monthMean: Double?
    package var prices: Prices?
    /// Whether the keys' names are given, also the generated ones: then there is one answer and no draw.
    package var takesNamesAsTheyAre: Bool

    /// A question.
    package init(
      goals: SizingRule, stream: String, region: String, prices: Prices? = nil, monthMean: Double? = nil,
      takesNamesAsTheyAre: Bool = false
    ) {
      (self.goals, self.stream, self.region) = (goals, stream, region)
      self.takesNamesAsTheyAre = takesNamesAsTheyAre
      (self.prices, self.monthMean) = (prices, monthMean)
    }
  }

  /// How many draws of names an answer for generated keys is taken over.
  static let draws = 20
  /// Every count up to here is looked at; beyond, one in each sixteenth.
  static let denseCounts = 256
  /// How many counts above a sweep's answer the engine tries before it gives up.
  private static let mostRefined = 12

  let plan: Plan
  let question: Question
  let names: KeyNames
  let load: OfferedLoad
  let map: ShardMap
  let rule: ShardLimiter.Rule
  let sweep: ShardSweep
  let limits: AssumedUse
  /// The scenario with some fields changed, for remedies; `nil` when that is no scenario.
  let variant: ([String]) -> Plan?

  /// Gets ready.
  ///
  /// - Parameters:
  ///   - names: how keys are called.
  ///   - variant: the plan with `--set` changes.
  /// - Throws: `StudyFailure` for a closed loop, for a plan of too many records, and for one without any.
  package init(
    _ plan: Plan, _ question: Question, names: KeyNames, variant: @escaping ([String]) -> Plan?
  ) throws(StudyFailure) {
    if let phase = plan.phases.first(where: { $0.loop == .closed }) {
      throw StudyFailure(
        "phase \(JSONNode.quoted(phase.name)) has the rate max: it takes what the target takes, and asks for no number of "
          + "shards")
    }
    let records = plan.phases.reduce(UInt64(0)) {
      if case .open(let count) = $1.loop { $0.addingSaturated(count) } else { $0 }
    }
    guard records <= OfferedLoad.mostRecords else {
      throw StudyFailure(
        "\(records) records, of which at most \(OfferedLoad.mostRecords) are looked at one by one; --duration makes the "
          + "scenario shorter and leaves its rates as they are")
    }
    self.plan = plan
    self.question = question
    self.names = names
    self.variant = variant
    load = OfferedLoad(plan)
    guard load.measuredRecords > 0 else { throw StudyFailure("no record comes due in the judged phases") }
    map = plan.scenario.declaredMap
    rule = plan.scenario.stream.limits.rule
    let shared = plan.scenario.stream.consumers.shared
    sweep = ShardSweep(load, rule: rule, sharedConsumers: shared)
    limits = AssumedUse(limits: AssumedLimits(rule), sharedConsumers: shared)
  }

  /// The counts that are looked at.
  var counts: [Int] {
    var counts = Array(1...min(question.goals.maxShards, Self.denseCounts))
    while let last = counts.last, last < question.goals.maxShards {
      counts.append(min(question.goals.maxShards, last + last / 16))
    }
    return counts
  }

  /// Whether records are tried again, so that only the engine knows all attempts.
  var hasRetries: Bool {
    if case .none = plan.scenario.client.retry { false } else { true }
  }

  /// Whether a row meets both goals.
  func meets(_ row: SweepRow, throttle: Double? = nil) -> Bool {
    (throttle ?? row.throttleRatio) <= question.goals.throttle && hasHeadroom(row)
  }

  /// Whether the hottest shard's busiest minute leaves enough free. A share of 75 % made of whole records is 75 %.
  func hasHeadroom(_ row: SweepRow) -> Bool { row.peakUse <= 1 - question.goals.headroom + 1e-9 }

  /// The smallest count that meets the goals by the fast model.
  func answer(_ rows: [SweepRow]) -> Int? { rows.first { meets($0) }?.shards }

  /// What the engine says of a count.
  func exact(_ shards: Int, in draw: KeyDraw) -> VirtualRun.Count {
    VirtualRun.outcome(
      of: draw, on: ShardMap(even: shards), rule: rule, latency: plan.scenario.embedded.latency
    ).total
  }

  /// Everything that is found.
  ///
  /// - Complexity: O(draws x (records + keys x log + counts² x windows)), and the engine a few times.
  package func document() -> SizingDocument {
    let draws =
      plan.hasArbitraryNames && !question.takesNamesAsTheyAre
      ? (0..<Self.draws).map { KeyDraw(plan, number: $0) } : [KeyDraw(plan)]
    let swept = draws.map { draw in (draw: draw, rows: sweep.rows(counts, in: draw)) }
    let ranked = swept.enumerated().sorted {
      (answer($0.element.rows) ?? .max, $0.offset) < (answer($1.element.rows) ?? .max, $1.offset)
    }.map(\.element)
    func rank(_ share: Double) -> Int? {
      answer(ranked[max(0, Int((share * Double(ranked.count)).rounded(.up)) - 1)].rows)
    }
    // The draw that decides is the one whose answer is given, so that the rows shown are the reason for it.
    let deciding = ranked[max(0, Int((0.9 * Double(ranked.count)).rounded(.up)) - 1)]

    var document = SizingDocument()
    describe(&document)
    if draws.count > 1 {
      document.draws = .init(
        count: draws.count, median: rank(0.5), p90: rank(0.9), low: rank(0), high: rank(1),
        deciding: deciding.draw.number)
    }
    document.hotKey = hotKey
    refine(&document, rows: deciding.rows, in: deciding.draw)
    document.rangesNow = ranges(map.openIndices.map { map.shards[$0].range.start }, in: deciding.draw)
    if let count = document.recommended {
      document.rangesRecommended = ranges(HashKeyRange.even(count: count).map(\.start), in: deciding.draw)
    }
    document.otherLimits = otherLimits(in: deciding.draw)
    if draws.count == 1 { document.optimal = optimal(in: deciding.draw) }
    addCosts(&document)
    document.help = Remedies(study: self, document: document, draw: deciding.draw).all
    document.reason = reason(document, rows: deciding.rows)
    document.sentences = SizingSentences(study: self, document: document, rows: deciding.rows).all
    return document
  }

  /// Some shards over their ranges.
  private func ranges(_ starts: [UInt128], in draw: KeyDraw) -> [SizingDocument.ShardRange] {
    sweep.detail(of: starts, in: draw).shards.enumerated().map { index, shard in
      SizingDocument.ShardRange(
        index: index, hashStart: starts[index], hashEnd: index + 1 < starts.count ? starts[index + 1] - 1 : .max,
        peakUse: shard.use, throttleRatio: Quotient.divide(shard.throttled, by: shard.records))
    }
  }

  private func describe(_ document: inout SizingDocument) {
    let scenario = plan.scenario
    document.scenario = scenario.name
    document.workloadHash = scenario.workloadHash
    document.stream = question.stream
    document.limitsProfile = scenario.stream.limits.name
    document.shardsNow = map.count
    document.throttleGoal = question.goals.throttle
    document.headroomGoal = question.goals.headroom
    document.maxShards = question.goals.maxShards
    document.hasRetries = hasRetries
    document.seconds = load.measuredSeconds
    document.recordsPerSecond = Double(load.measuredRecords) / load.measuredSeconds
    document.bytesPerSecond = Double(load.measuredBytes) / load.measuredSeconds
    document.awsFormulaShards = awsFormula
    document.warnings = scenario.warnings
    document.notJudged = scenario.thresholds.namedBounds.map(\.name)
    document.assumptions = assumptions
  }

  /// AWS's published formula (developer guide, how-do-i-size-a-stream): the mean size of the data rounded up to a KiB, times
  /// the mean rate, over 1 MiB/s; or read by all consumers, over 2 MiB/s.
  private var awsFormula: Int {
    let keyBytes = (0..<load.placeCount).reduce(0) { $0 + load.keyBytes(ofPlace: $1) * Int(load.weights[$1]) }
    let mean = Double(load.measuredBytes - keyBytes) / Double(load.measuredRecords) / 1_024
    let incoming = max(1, mean.rounded(.up)) * Double(load.measuredRecords) / load.measuredSeconds
    let consumers = plan.scenario.stream.consumers
    let outgoing = incoming * Double(consumers.shared + consumers.fanOut)
    return max(1, Int(max(incoming / 1_024, outgoing / 2_048).rounded(.up)))
  }

  private var assumptions: [String] {
    var list = [
      "Buckets are full at the start; connections and requests in flight are enough; nothing else writes to the stream.",
      plan.scenario.embedded.latency == nil
        ? "Answers take no time." : "Answers take what embedded.latency says.",
      load.measuredSeconds < 60
        ? "The busiest minute is the whole judged time, which is shorter than one."
        : "Headroom is judged in the busiest minute.",
    ]
    if plan.phases.contains(where: { !$0.measured }), plan.phases.contains(where: \.measured) {
      list.append("Phases that are not measured drain the buckets and are not judged.")
    }
    if hasRetries { list.append("Rows that are not exact know first tries alone; retries come on top.") }
    if plan.keys.count == nil {
      list.append("Keys that no two records share fall evenly on all shards: sized by the limit of a shard alone.")
    }
    if counts.count < question.goals.maxShards {
      list.append("Above \(Self.denseCounts) shards one count in each sixteenth is looked at.")
    }
    return list
  }

  /// The key with most records and what it does on a shard of its own.
  private var hotKey: SizingDocument.HotKey? {
    guard let key = load.heaviestKey, load.placeCount < load.measuredRecords || load.measuredRecords == 1 else {
      return nil
    }
    let alone = load.heaviestAlone(rule: rule)
    let use = limits.use(records: alone.records, bytes: alone.bytes).value
    return .init(
      name: names.name(of: key), share: load.heaviestShare, records: alone.records, bytes: alone.bytes, use: use,
      isTooHot: use > 1 - question.goals.headroom + 1e-9
        || Double(alone.throttled) > question.goals.throttle * Double(load.measuredRecords))
  }

  /// Runs the engine at the sweep's answer and its neighbours, and moves the answer where it says so.
  private func refine(_ document: inout SizingDocument, rows: [SweepRow], in draw: KeyDraw) {
    var exactRows: [Int: VirtualRun.Count] = [:]
    func judge(_ row: SweepRow) -> Bool {
      guard hasHeadroom(row) else { return false }
      let count = exactRows[row.shards] ?? exact(row.shards, in: draw)
      exactRows[row.shards] = count
      return meets(row, throttle: count.throttleRatio ?? 0)
    }
    var recommended: Int?
    if let first = rows.firstIndex(where: { meets($0) }) {
      for row in rows[first...].prefix(Self.mostRefined) where judge(row) {
        recommended = row.shards
        break
      }
      // Neighbours are shown exactly as well, also where headroom alone rules them out.
      if let recommended {
        for row in rows where abs(row.shards - recommended) == 1 {
          exactRows[row.shards] = exactRows[row.shards] ?? exact(row.shards, in: draw)
        }
      }
    }
    document.recommended = recommended
    let now = map.count
    let shown = recommended.flatMap { count in rows.first { $0.shards == count } }
    document.binding = (shown ?? rows.max { $0.peakUse > $1.peakUse } ?? SweepRow()).term.rawValue
    document.rows = rows.map { row in
      var out = SizingDocument.Row()
      out.shards = row.shards
      out.throttleRatio = row.throttleRatio
      out.throttleWithoutTopRatio = row.throttleRatioWithoutTop
      out.undeliveredRatio = hasRetries ? nil : row.throttleRatio
      out.shardsThrottled = row.shardsThrottled
      (out.meanUse, out.peakUse, out.binding) = (row.meanUse, row.peakUse, row.term.rawValue)
      out.meets = meets(row)
      if let count = exactRows[row.shards] {
        out.isExact = true
        out.throttleRatio = count.throttleRatio ?? 0
        out.undeliveredRatio = count.ended > 0 ? Double(count.lost) / Double(count.ended) : 0
        out.meets = meets(row, throttle: out.throttleRatio)
      }
      out.isNow = row.shards == now
      out.isOneCall = row.shards <= 2 * now && 2 * row.shards >= now
      return out
    }
  }

  /// The answers under other readings of the limits, which AWS does not publish.
  private func otherLimits(in draw: KeyDraw) -> [SizingDocument.OtherLimits] {
    let own = plan.scenario.stream.limits.name
    return [LimitsProfile.window, .largeRecords].filter { $0.name != own && own != "none" }.map { profile in
      let other = ShardSweep(load, rule: profile.rule, sharedConsumers: sweep.sharedConsumers)
      return .init(name: profile.name, shards: answer(other.rows(counts, in: draw)))
    }
  }

  /// The fewest shards with ranges cut to the load: keys in the order of their hashes, each shard filled to what headroom
  /// leaves. `nil` when a key alone is too much. O(keys x log keys).
  private func optimal(in draw: KeyDraw) -> Int? {
    struct Spot {
      var position: UInt128
      var records: Double
      var bytes: Double
    }
    let bytesPerRecord = Double(load.measuredBytes) / Double(load.measuredRecords)
    let spots = zip(load.positions(in: draw), load.weights).map { position, weight in
      Spot(position: position, records: Double(weight), bytes: Double(weight) * bytesPerRecord)
    }.sorted { $0.position < $1.position }
    let most = 1 - question.goals.headroom + 1e-9
    // The busiest minute stands for the mean: every key is taken to rise and fall with all.
    let peak = sweep.detail(of: [0], in: draw).row
    let scale = peak.meanUse > 0 ? peak.peakUse / peak.meanUse : 1
    var (shards, records, bytes) = (1, 0.0, 0.0)
    var last: UInt128?
    for spot in spots {
      let more = use(records + spot.records, bytes + spot.bytes) * scale
      if more > most, last != spot.position {
        if use(spot.records, spot.bytes) * scale > most { return nil }
        shards += 1
        (records, bytes) = (0, 0)
      }
      records += spot.records
      bytes += spot.bytes
      last = spot.position
    }
    return shards
  }

  private func use(_ records: Double, _ bytes: Double) -> Double {
    limits.use(records: records / load.measuredSeconds, bytes: bytes / load.measuredSeconds).value
  }

  /// What a month is charged by.
  var month: Prices.Month { load.month(mean: question.monthMean) }

  private func addCosts(_ document: inout SizingDocument) {
    guard let prices = question.prices else { return }
    guard prices.region == question.region else {
      document.warnings.append(
        "The prices are of \(prices.region), the stream is in \(question.region): costs are left out.")
      return
    }
    let month = self.month
    document.currency = prices.currency
    document.costNow = prices.provisioned(shards: map.count, month)
    document.costRecommended = document.recommended.map { prices.provisioned(shards: $0, month) }
    document.costOnDemand = prices.onDemand(month)
    document.assumptions.append(
      "Prices of \(prices.date) in \(prices.region); 730 hours a month; a PUT unit is taken as 25,000 bytes, and what is "
        + "throttled as not charged: AWS leaves both unsaid.")
  }

  /// Why the answer is what it is, in a clause.
  private func reason(_ document: SizingDocument, rows: [SweepRow]) -> String {
    guard let recommended = document.recommended else {
      if let key = document.hotKey, key.isTooHot {
        return "one key alone takes \(Words.percent(key.use)) of a shard: no number of shards helps"
      }
      return "no count up to \(document.maxShards) meets the goals"
    }
    guard let below = document.rows.last(where: { $0.shards < recommended }) else { return "one shard is enough" }
    let why =
      below.peakUse > 1 - document.headroomGoal + 1e-9
      ? "the hottest shard's busiest minute would take \(Words.percent(below.peakUse)) of its \(below.binding)"
      : "\(Words.percent(below.throttleRatio)) would be throttled"
    return "with \(Words.count(below.shards, "shard")) \(why)"
  }
}
