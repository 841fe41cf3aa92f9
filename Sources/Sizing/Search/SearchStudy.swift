import Measurement
import Observations
import RunResults
import Scenarios

/// A search as it goes on: its strategy, what its probes showed, and what is to be said of them.
///
/// Whoever drives asks for `next`, makes that run, and hands its summary over; a target or a clock is nothing it knows.
package struct SearchStudy: Sendable {
  /// What is asked.
  package struct Question: Sendable {
    /// How the search goes about it.
    package var rule: SearchRule
    /// The first value.
    package var start: Double
    /// The rate at which the hottest shard meets its limit; `nil` without one.
    package var analyticLimit: Double?
    /// Whether bytes, not records, are what binds there.
    package var bytesBind = false
    /// What is judged, in words.
    package var goals: [String] = []
    /// Whether a threshold is a latency's.
    package var judgesLatency = false

    /// A question with the usual goals.
    package init(rule: SearchRule, start: Double) { (self.rule, self.start) = (rule, start) }
  }

  private let question: Question
  private var strategy: SearchStrategy
  private var floors = ProbeJudgement.Floors()
  private var probes: [SearchDocument.Probe] = []
  private var summaries: [Summary] = []

  /// A search at its beginning.
  package init(_ question: Question) {
    self.question = question
    let rule = question.rule
    var settings = SearchStrategy.Settings(start: question.start)
    (settings.factor, settings.tolerance, settings.isHighest) = (rule.factor, rule.tolerance, rule.isHighest)
    settings.isWhole = rule.vary != .rate
    settings.range = rule.vary.range
    settings.agreeing = question.judgesLatency ? 3 : 2
    settings.values = rule.values
    settings.isRate = rule.vary == .rate
    strategy = SearchStrategy(settings)
  }

  /// The probe to be made now; `nil` when the search is over.
  package var next: SearchStrategy.Probe? {
    guard case .probe(let probe) = strategy.next else { return nil }
    return probe
  }

  /// How many probes were made.
  package var count: Int { probes.count }

  /// Takes what a probe's run showed.
  ///
  /// - Parameter folder: where it is, inside the search's.
  /// - Returns: the probe as it will stand in the document.
  @discardableResult
  package mutating func take(
    _ probe: SearchStrategy.Probe, _ summary: Summary, folder: String
  ) -> SearchDocument.Probe {
    floors.note(summary)
    let judgement = ProbeJudgement(summary, floors: floors, variable: question.rule.vary)
    strategy.take(
      SearchStrategy.Result(
        probe, judgement.verdict, acceptedRate: summary.rates.acceptedRecordsPerS,
        isThrottled: summary.records.traffic.throttled > 0, isStarved: summary.generator?.wasStopped ?? false))
    var row = SearchDocument.Probe()
    (row.number, row.folder, row.value, row.purpose) = (probes.count + 1, folder, probe.value, probe.purpose.rawValue)
    (row.verdict, row.reason) = (judgement.verdict.rawValue, judgement.reason)
    (row.isEmptied, row.inFlightFactor, row.seconds) = (probe.empties, probe.inFlightFactor, summary.time.measuredS)
    (row.plannedPerS, row.acceptedPerS) = (summary.rates.plannedRecordsPerS, summary.rates.acceptedRecordsPerS)
    (row.throttleRatio, row.lostRatio) = (summary.rates.throttleRatio, summary.rates.lostRatio)
    let response = summary.latencyMs.response
    (row.responseP50, row.responseP99, row.responseP999) = (response?.p50, response?.p99, response?.p999)
    row.serviceP50 = summary.latencyMs.service?.p50
    probes.append(row)
    summaries.append(summary)
    return row
  }

  /// What was found so far.
  ///
  /// - Parameter stopped: why it ends before it is done; `nil` when it is done.
  package func document(stopped: String? = nil) -> SearchDocument {
    var isClosed = false
    if case .done(let answer) = strategy.next { isClosed = answer.isClosed }
    let answer = strategy.answer(isClosed: isClosed)
    var document = SearchDocument()
    let rule = question.rule
    (document.vary, document.find, document.unit) = (
      rule.vary.rawValue, rule.isHighest ? "highest" : "lowest", rule.vary.unit
    )
    (document.goals, document.tolerance, document.probeSeconds) = (question.goals, rule.tolerance, rule.probe.seconds)
    document.analyticLimit = question.analyticLimit
    (document.highestPass, document.lowestFail) = (answer.pass, answer.fail)
    document.isClosed = answer.isClosed && stopped == nil
    document.stopped = stopped ?? (answer.isClosed ? nil : "the most probes of a search were made")
    if answer.fail != nil { document.limitedBy = answer.isGeneratorBound ? "generator" : "target" }
    document.boundBy = bound(answer)
    document.probes = probes
    if let soak = answer.soak, let probe = probes.last(where: { $0.purpose == SearchStrategy.Purpose.soak.rawValue }) {
      document.soak = SearchDocument.Soak(value: probe.value, hasPassed: soak)
    }
    document.knee = knee(answer)
    document.sentences = SearchSentences(document: document, failing: failing(answer), floors: floors).all
    return document
  }

  /// The last probe of the failing end.
  private func failing(_ answer: SearchStrategy.Answer) -> SearchDocument.Probe? {
    probes.last { $0.value == answer.fail && $0.verdict != SearchStrategy.Verdict.pass.rawValue }
  }

  /// What ended the passes: by what the failing end's probe counted and timed.
  private func bound(_ answer: SearchStrategy.Answer) -> SearchDocument.Bound {
    guard let failing = failing(answer) else { return .nothing }
    if answer.isGeneratorBound { return .generator }
    if failing.verdict == SearchStrategy.Verdict.capped.rawValue { return .connections }
    let summary = summaries[failing.number - 1]
    let tries = summary.records.traffic
    if tries.throttled > 0, tries.throttled >= tries.failed { return question.bytesBind ? .bytes : .records }
    if tries.failed > 0 { return .faults }
    if let service = failing.serviceP50, let floor = floors.service, service > floor * ProbeJudgement.steady {
      return .time
    }
    return summary.validity == GeneratorVerdict.capped.rawValue || question.rule.vary != .rate ? .connections : .goals
  }

  /// See ``SearchDocument/Knee``. Of several probes of one value the last counts.
  private func knee(_ answer: SearchStrategy.Answer) -> SearchDocument.Knee? {
    guard question.rule.vary == .rate, let floor = floors.response else { return nil }
    var p50: [Double: Double] = [:]
    for probe in probes { if let value = probe.responseP50 { p50[probe.value] = value } }
    let rising = p50.sorted { $0.key < $1.key }
    guard let leaves = rising.firstIndex(where: { $0.value > floor * ProbeJudgement.steady }), leaves > 0 else {
      return nil
    }
    let (last, next) = (rising[leaves - 1], rising[leaves])
    return SearchDocument.Knee(value: last.key, floor: floor, next: next.key, nextP50: next.value)
  }
}

/// The answer of a search in full sentences, the decision first.
private struct SearchSentences {
  let document: SearchDocument
  let failing: SearchDocument.Probe?
  let floors: ProbeJudgement.Floors

  var all: [String] {
    [decision, soak, knee, agreement, analytic].compactMap { $0 }
  }

  private func amount(_ value: Double) -> String {
    "\(Words.number(value, digits: value < 10 ? 2 : value < 1_000 ? 1 : 0)) \(document.unit)"
  }

  private func milliseconds(_ value: Double?) -> String {
    value.map { Words.number($0, digits: $0 < 10 ? 1 : 0) } ?? "-"
  }

  private var decision: String {
    guard let pass = document.highestPass else {
      guard let fail = document.lowestFail else { return "Nothing was found: no probe was judged." }
      return "Nothing passes: \(amount(fail)) fails already\(cause)."
    }
    let takes = document.vary == "rate" ? "Takes" : "Passes with"
    guard let fail = document.lowestFail else {
      return "\(takes) \(amount(pass)); nothing that was tried fails."
    }
    if document.boundBy == .generator {
      return "\(takes) at least \(amount(pass)): above, the generator is the limit, not the target\(cause)."
    }
    let fails = document.vary == "rate" ? "fails at" : "fails with"
    return "\(takes) \(amount(pass)), \(fails) \(amount(fail))\(cause)."
  }

  /// Why it fails, after a colon.
  private var cause: String {
    guard let failing else { return "" }
    let service = "service p50 \(milliseconds(floors.service)) to \(milliseconds(failing.serviceP50)) ms"
    switch document.boundBy {
    case .records, .bytes:
      let ratio = failing.throttleRatio.map { "\(Words.percent($0)) of the attempts there, " } ?? ""
      return ": the target throttles (\(ratio)\(document.boundBy.rawValue) bind)"
    case .time:
      return ": requests queue at the target (\(service)), not at our connections or generator"
    case .connections:
      return ": the requests that may be in flight carry no more (\(service))"
    case .faults: return ": records fail there (\(failing.reason))"
    case .generator: return " (\(failing.reason))"
    case .goals, .nothing: return failing.reason.isEmpty ? "" : ": \(failing.reason)"
    }
  }

  private var soak: String? {
    guard let soak = document.soak else { return nil }
    let load = "\(amount(soak.value)), 95 % of \(document.highestPass.map(amount) ?? "it"),"
    return soak.hasPassed
      ? "\(load) was held again and passed." : "\(amount(soak.value)) was held again and did not pass."
  }

  private var knee: String? {
    guard let knee = document.knee else { return nil }
    return "Response time leaves its floor (p50 \(milliseconds(knee.floor)) ms) above \(amount(knee.value)): "
      + "\(milliseconds(knee.nextP50)) ms at \(amount(knee.next))."
  }

  private var agreement: String? {
    if let stopped = document.stopped {
      return "It ended early: \(stopped); what passes and fails is as far as it got."
    }
    guard document.isClosed, document.highestPass != nil, document.lowestFail != nil, document.boundBy != .generator
    else { return nil }
    return document.probes.contains { $0.purpose == SearchStrategy.Purpose.sweep.rawValue }
      ? nil : "Both ends were decided by probes that agree."
  }

  private var analytic: String? {
    document.analyticLimit.map { "By the key masses the hottest shard meets its limit at \(amount($0))." }
  }
}
