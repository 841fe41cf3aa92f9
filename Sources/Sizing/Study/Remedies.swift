import Kinesis
import Measurement
import RunResults
import Scenarios

/// What would help, by how soon it takes effect, each run through the model. Nothing is carried out.
struct Remedies {
  let study: SizingStudy
  let document: SizingDocument
  let draw: KeyDraw

  typealias Help = SizingDocument.Help

  /// All of them, those that do not help included: that is worth knowing too.
  var all: [Help] {
    [backOff, batches, aggregation, split, shardCount, spreadKey, onDemand].compactMap { $0 }
  }

  private var goal: Double { study.question.goals.throttle }
  private var now: Int { study.map.count }
  private var starts: [UInt128] { study.map.openIndices.map { study.map.shards[$0].range.start } }

  private func cost(_ shards: Int) -> Double? {
    guard document.currency != nil, let prices = study.question.prices else { return nil }
    return prices.provisioned(shards: shards, study.month)
  }

  private func aws(_ operation: String, _ options: String) -> String {
    "aws kinesis \(operation) --region \(study.question.region) --stream-name \(study.question.stream)"
      + (options.isEmpty ? "" : " " + options)
  }

  private func wait() -> String { aws("wait stream-exists", "") }

  /// The engine on the present shards with some fields of the scenario changed.
  private func changed(_ settings: [String]) -> VirtualRun.Count? {
    study.variant(settings).map { plan in
      VirtualRun.outcome(
        of: KeyDraw(plan, number: draw.number), on: study.map, rule: study.rule, latency: plan.scenario.embedded.latency
      ).total
    }
  }

  // MARK: - The client

  /// Waiting longer between tries.
  private var backOff: Help? {
    let setting =
      #"client.retry={"type":"failed-records","maxAttempts":10,"backoff":{"base":"100ms","cap":"5s","jitter":"full"}}"#
    guard let count = changed([setting]), let ratio = count.throttleRatio else { return nil }
    let lost = Double(count.lost) / Double(max(1, count.ended))
    let helps = ratio <= goal && meetsHeadroomNow
    return Help(
      "back-off",
      "Client back-off (up to 10 tries, 100 ms doubling to 5 s, full jitter): \(Words.percent(ratio)) of the attempts would be "
        + "throttled and \(Words.percent(lost)) of the records lost."
        + (helps ? "" : " It carries bursts; it adds no capacity."),
      shards: now, throttleRatio: ratio, cost: cost(now), helps: helps)
  }

  /// Fuller requests: a limit counts records and bytes, not requests.
  private var batches: Help? {
    guard let count = changed(["batch.records=500", "batch.linger=1s"]), let ratio = count.throttleRatio else {
      return nil
    }
    let helps = ratio <= goal && meetsHeadroomNow
    return Help(
      "batches",
      "Larger batches (500 records, 1 s of linger): \(Words.percent(ratio)) throttled."
        + (helps ? "" : " Fewer requests, but a shard counts records and bytes."),
      shards: now, throttleRatio: ratio, cost: cost(now), helps: helps)
  }

  private var meetsHeadroomNow: Bool { study.hasHeadroom(study.sweep.detail(of: starts, in: draw).row) }

  /// Several user records in one, in the producer library's format.
  private var aggregation: Help? {
    guard study.load.isByKey else { return nil }
    var last: Aggregation.Result?
    // Bytes alone bind then, so the answer is near their mean.
    let first = max(1, Int(document.bytesPerSecond / 1_048_576 / (1 - document.headroomGoal)))
    for shards in first..<(first + 40) where shards <= document.maxShards {
      let result = Aggregation.result(
        study.load, on: HashKeyRange.even(count: shards).map(\.start), in: draw, rule: study.rule, limits: study.limits)
      last = result
      guard study.meets(result.row) else { continue }
      // From here down as long as fewer do.
      var best = (shards, result)
      while best.0 > 1 {
        let fewer = Aggregation.result(
          study.load, on: HashKeyRange.even(count: best.0 - 1).map(\.start), in: draw, rule: study.rule,
          limits: study.limits)
        guard study.meets(fewer.row) else { break }
        best = (best.0 - 1, fewer)
      }
      let (count, found) = best
      let isLess = document.recommended.map { count < $0 } ?? true
      return Help(
        "aggregation",
        "Aggregation (the producer library's records of up to 50 KiB): some \(Words.number(found.perRecord, digits: 0)) user "
          + "records in one, \(Words.mebibytes(found.bytesPerSecond)) on the wire; \(found.row.term.rawValue) bind then, and "
          + "\(Words.count(count, "shard")) \(count == 1 ? "does" : "do"), the fullest at \(Words.percent(found.row.peakUse))."
          + (isLess ? "" : " That is not fewer than without."),
        shards: count, throttleRatio: found.row.throttleRatio, cost: nil, helps: isLess)
    }
    return last.map {
      Help(
        "aggregation",
        "Aggregation (the producer library's records of up to 50 KiB): \(Words.mebibytes($0.bytesPerSecond)) on the wire; "
          + "\($0.row.term.rawValue) bind, and \(Words.count($0.row.shards, "shard")) would still not do.",
        shards: $0.row.shards, throttleRatio: $0.row.throttleRatio, helps: false)
    }
  }

  // MARK: - The stream

  /// The hottest shard cut where half of its load is.
  private var split: Help? {
    let (row, shards) = study.sweep.detail(of: starts, in: draw)
    guard shards.indices.contains(row.hottest) else { return nil }
    let shard = study.map.shards[study.map.openIndices[row.hottest]]
    let spots = zip(study.load.positions(in: draw), study.load.weights)
      .filter { shard.range.contains($0.0) && $0.1 > 0 }.sorted { $0.0 < $1.0 }
    let total = spots.reduce(0) { $0 + Int($1.1) }
    var sum = 0
    var cut: UInt128?
    var nearest = Int.max
    for (position, weight) in spots {
      // A cut before this key leaves `sum` below it.
      if position > shard.range.start + 1, position < shard.range.end, sum > 0, abs(2 * sum - total) < nearest {
        nearest = abs(2 * sum - total)
        cut = position
      }
      sum += Int(weight)
    }
    let name = "shard \(row.hottest) (\(shard.id))"
    guard let cut else {
      return Help(
        "split", "Splitting \(name): one key has all of its load, and a split does not divide a key.", shards: nil,
        throttleRatio: nil, helps: false)
    }
    let after = study.sweep.detail(of: (starts + [cut]).sorted(), in: draw).row
    let helps = study.meets(after)
    return Help(
      "split",
      "Splitting \(name) at \(cut), where half of its load is: \(Words.percent(after.throttleRatio)) throttled at first tries "
        + "instead of \(Words.percent(row.throttleRatio)), the fullest shard at \(Words.percent(after.peakUse))."
        + " The next uniform change of the shard count undoes it.",
      shards: now + 1, throttleRatio: after.throttleRatio, cost: cost(now + 1), helps: helps,
      commands: [
        aws("split-shard", "--shard-to-split \(shard.id) --new-starting-hash-key \(cut)"), wait(),
      ])
  }

  /// UpdateShardCount, at most doubled and not below half a call.
  private var shardCount: Help? {
    guard let target = document.recommended else {
      return Help(
        "shard-count",
        "More shards: no count up to \(Words.number(Double(document.maxShards), digits: 0)) meets the goals.",
        shards: nil, throttleRatio: nil, helps: false)
    }
    let steps = Self.steps(from: now, to: target)
    let row = document.row(of: target)
    let days = (steps.count + 9) / 10
    let how =
      steps.isEmpty
      ? "The stream has \(Words.count(target, "shard")) already."
      : "UpdateShardCount to \(steps.map(String.init).joined(separator: ", then ")): "
        + "\(Words.count(steps.count, "call"))\(days > 1 ? " over \(days) days, as 10 a day are allowed" : "")."
    return Help(
      "shard-count", how, shards: target, throttleRatio: row?.throttleRatio, cost: cost(target), helps: true,
      commands: steps.flatMap { step in
        [aws("update-shard-count", "--target-shard-count \(step) --scaling-type UNIFORM_SCALING"), wait()]
      })
  }

  /// The counts on the way: each at most twice and not under half of the one before (UpdateShardCount, botocore).
  static func steps(from now: Int, to target: Int) -> [Int] {
    var steps: [Int] = []
    var count = now
    while count != target {
      count = count < target ? min(target, count * 2) : max(target, (count + 1) / 2)
      steps.append(count)
    }
    return steps
  }

  /// The heaviest key given to several.
  private var spreadKey: Help? {
    guard let key = document.hotKey, key.use > 0 else { return nil }
    let name = key.name.map { "key \($0)" } ?? "the heaviest key"
    let mean = 1 / Double(max(1, document.recommended ?? now))
    guard key.isTooHot || key.share > 0.5 * mean else { return nil }
    let most = max(2, Int((key.use / (1 - document.headroomGoal)).rounded(.up)))
    for parts in most...(most + 8) {
      let load = study.load.spreadingHeaviest(over: parts)
      let sweep = ShardSweep(load, rule: study.rule, sharedConsumers: study.sweep.sharedConsumers)
      guard let row = sweep.rows(study.counts, in: draw).first(where: { study.meets($0) }) else { continue }
      let isLess = document.recommended.map { row.shards < $0 } ?? true
      return Help(
        "spread-key",
        "Spreading \(name) over \(parts) keys (append -0 to -\(parts - 1)): \(Words.count(row.shards, "shard")) "
          + "\(row.shards == 1 ? "does" : "do"). The order of its records is kept within each of the \(parts) only."
          + (isLess ? "" : " That is not fewer than without."),
        shards: row.shards, throttleRatio: row.throttleRatio, cost: cost(row.shards), helps: isLess)
    }
    return Help(
      "spread-key",
      "Spreading \(name) over up to \(most + 8) keys: no count up to \(document.maxShards) meets the goals.",
      shards: nil, throttleRatio: nil, helps: false)
  }

  /// Leaving the number of shards to AWS.
  private var onDemand: Help? {
    let isStart = document.recordsPerSecond <= 4_000 && document.bytesPerSecond <= 4e6
    let isHot = document.hotKey.map { $0.records > 1_000 || $0.bytes > 1_048_576 } ?? false
    let arn =
      "$(aws kinesis describe-stream-summary --region \(study.question.region) --stream-name \(study.question.stream)"
      + " --query StreamDescriptionSummary.StreamARN --output text)"
    var text =
      "On-demand: it splits hot shards by itself and takes twice the peak of the last 30 days; a new stream starts at "
    text += "4,000 records/s and 4 MB/s, \(isStart ? "which is enough here" : "which is less than this needs at once")."
    if isHot { text += " A key above 1,000 records/s or 1 MiB/s is throttled there too: one shard has all of it." }
    return Help(
      "on-demand", text, shards: nil, throttleRatio: nil, cost: document.costOnDemand, helps: !isHot,
      commands: [
        "aws kinesis update-stream-mode --region \(study.question.region) --stream-arn \"\(arn)\""
          + " --stream-mode-details StreamMode=ON_DEMAND"
      ])
  }
}
