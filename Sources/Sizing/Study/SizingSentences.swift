import Kinesis
import Observations
import RunResults
import Scenarios

/// The answer in full sentences, the decision first.
struct SizingSentences {
  let study: SizingStudy
  let document: SizingDocument
  let rows: [SweepRow]

  /// In the order they are read.
  var all: [String] {
    [decision, spare, formula, draws, bursts, worse, otherLimits, readers, optimal, cost].compactMap { $0 }
  }

  private var most: Double { 1 - document.headroomGoal }
  private var hasRecordLimit: Double? { study.limits.limits.recordsPerSecond.map(Double.init) }

  private var decision: String {
    let rate = Words.rate(document.recordsPerSecond)
    let spare = document.headroomGoal > 0 ? " with \(Words.percent(document.headroomGoal)) to spare" : ""
    let now = "\(document.shardsNow) now"
    guard let shards = document.recommended else {
      var text =
        "No number of shards up to \(Words.number(Double(document.maxShards), digits: 0)) (\(now)) takes \(rate)\(spare)"
      if let key = document.hotKey, key.isTooHot {
        let name = key.name.map { "key \($0)" } ?? "one key"
        text +=
          ": \(name) alone has \(Words.percent(key.share)) of the records, \(Words.percent(key.use)) of what a shard takes."
      } else {
        text += "."
      }
      return text
    }
    return "\(Words.count(shards, "shard")) (\(now)) \(shards == 1 ? "takes" : "take") \(rate)\(spare). "
      + "\(document.binding.prefix(1).uppercased())\(document.binding.dropFirst()) bind: \(document.reason)."
  }

  /// How far the heaviest key may grow, and what even keys would need.
  private var spare: String? {
    guard let shards = document.recommended, let row = document.row(of: shards), let limit = hasRecordLimit else {
      return nil
    }
    let even = max(1, Int((row.meanUse * Double(shards) * peakOverMean / most - 1e-9).rounded(.up)))
    let never = most * limit / (document.recordsPerSecond * peakOverMean)
    var text = ""
    // Uneven keys, that is, and not bursts, which even keys have as well.
    if even < shards, row.peakUse > 1.15 * row.meanUse * peakOverMean { text = "\(even) would do if keys were even" }
    if never < 1, document.binding == SweepRow.Term.records.rawValue {
      text += text.isEmpty ? "" : "; "
      text +=
        "a key with more than \(Words.percent(never)) of the records would need more than a shard has, whatever their number"
    }
    return text.isEmpty ? nil : "\(text.prefix(1).uppercased())\(text.dropFirst())."
  }

  /// The busiest minute over the mean, of all records together.
  private var peakOverMean: Double {
    max(1, study.load.busiestRecords / max(document.recordsPerSecond, 1e-9))
  }

  private var formula: String {
    let aws = document.awsFormulaShards
    guard let shards = document.recommended, aws != shards else {
      return "AWS's formula says \(aws)\(document.recommended == nil ? ": it knows no keys" : " too")."
    }
    let why =
      aws > shards
      ? "it rounds the size of a record up to a whole KiB"
      : document.binding == SweepRow.Term.records.rawValue
        ? "it averages, and hides the limit of 1,000 records/s in rounding sizes up to a KiB"
        : "it averages over shards and time, and leaves nothing to spare"
    return "AWS's formula says \(aws): \(why)."
  }

  private var draws: String? {
    guard let draws = document.draws else { return nil }
    func text(_ count: Int?) -> String { count.map(String.init) ?? "none" }
    guard draws.low != draws.high else {
      return "Names of generated keys are arbitrary; \(draws.count) draws of them all say \(text(draws.low))."
    }
    return
      "Names of generated keys are arbitrary, and with them the shards that they fall on: over \(draws.count) draws the "
      + "answer is \(text(draws.low)) to \(text(draws.high)), median \(text(draws.median)), p90 \(text(draws.p90))."
  }

  /// Throttled although the average is below the limit.
  private var bursts: String? {
    guard let now = document.row(of: document.shardsNow), now.throttleRatio > document.throttleGoal, now.meanUse < 1
    else {
      return nil
    }
    let ratio = Words.percent(now.throttleRatio)
    let what = document.hasRetries && !now.isExact ? "first tries" : "attempts"
    let cause =
      now.throttleWithoutTopRatio <= document.throttleGoal && document.hotKey != nil
      ? "the heaviest key makes it so: without it \(Words.percent(now.throttleWithoutTopRatio)) would be"
      : now.peakUse <= 1
        ? "records come in bursts that a shard's bucket of one second does not hold"
        : "the load is uneven over the shards, the fullest is asked for \(Words.percent(now.peakUse)) of its limit"
    return
      "With the present \(Words.count(now.shards, "shard")) \(ratio) of the \(what) are throttled although the average is "
      + "\(Words.percent(now.meanUse)) of the limit: \(cause)."
  }

  /// More shards can be worse: boundaries move, and two heavy keys may meet.
  private var worse: String? {
    guard let shards = document.recommended,
      let row = document.rows.first(where: { $0.shards > shards && !$0.meets })
    else { return nil }
    return
      "More can be worse: with \(Words.count(row.shards, "shard")) the boundaries lie otherwise, keys meet that were apart, and the "
      + "goals are missed again (\(Words.percent(row.throttleRatio)) throttled, the fullest shard at "
      + "\(Words.percent(row.peakUse)))."
  }

  private var otherLimits: String? {
    let different = document.otherLimits.filter { $0.shards != document.recommended }
    guard !different.isEmpty else {
      return document.otherLimits.isEmpty
        ? nil : "The answer is the same if limits are enforced per calendar second, or with 10 MiB of burst."
    }
    return different.map { other in
      let how = other.name == "window" ? "enforced per calendar second" : "bursts of 10 MiB are taken (large-records)"
      return "\(other.shards.map { "\($0)" } ?? "No number of") shards if \(how)."
    }.joined(separator: " ")
  }

  private var readers: String? {
    let consumers = study.plan.scenario.stream.consumers
    guard consumers.shared + consumers.fanOut > 0 else { return nil }
    return
      "Readers: \(Words.count(consumers.shared, "consumer")) share 2 MiB/s a shard, and \(consumers.fanOut) on enhanced "
      + "fan-out have 2 MiB/s each of their own."
  }

  private var optimal: String? {
    guard let optimal = document.optimal, let shards = document.recommended, optimal < shards else { return nil }
    return
      "Ranges cut to the load would do with \(Words.count(optimal, "shard")), headroom alone considered; the next uniform "
      + "change of the shard count undoes them."
  }

  private var cost: String? {
    guard let currency = document.currency, let now = document.costNow, let onDemand = document.costOnDemand else {
      return nil
    }
    let then = document.costRecommended.map { ", \(Words.money($0, currency)) with the recommended shards" } ?? ""
    return "A month costs \(Words.money(now, currency)) now\(then), \(Words.money(onDemand, currency)) on demand."
  }
}
