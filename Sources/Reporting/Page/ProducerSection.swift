import Measurement
import Observations
import RunResults

/// What the target saw of a producer, in numbers.
enum ProducerSection {
  /// The section; nothing for a run of ours.
  static func markup(_ facts: RunFacts) -> Markup {
    guard let observe = facts.summary.observe else { return "" }
    let lines = lines(observe, facts)
    let half = (lines.count + 1) / 2
    var section = PageSection(
      title: "The producer", findings: ObservedFindings(observe).advice, figureClasses: "two")
    section.notes = [
      observe.identifies
        ? "A record is its key, explicit hash key and data, or the field that --record-id names: contents that are meant to repeat look like retries."
        : "Records were not told apart.",
      "A retry is of a record that was refused each time before, a repeat of one that had been accepted. Order is judged at first acceptance, within a key.",
    ]
    return section.markup("<div>\(table(lines.prefix(half)))</div><div>\(table(lines.dropFirst(half)))</div>")
  }

  private static func table(_ lines: ArraySlice<(name: String, value: String)>) -> Markup {
    let rows = lines.map { "<tr><th scope=\"row\">\($0.name)</th><td class=\"n\">\($0.value)</td></tr>" as Markup }
    return "<table aria-label=\"The producer in numbers\"><tbody>\(rows.joined())</tbody></table>"
  }

  /// Every number with its name, those without a value left out.
  static func lines(_ observe: SummaryObserve, _ facts: RunFacts) -> [(name: String, value: String)] {
    var lines: [(name: String, value: String)] = []
    func add(_ name: String, _ value: String?) {
      if let value { lines.append((name, value)) }
    }
    func milliseconds(_ value: Double?) -> String? { value.map { NumberFormat.significant($0) + " ms" } }
    func percent(_ value: Double?) -> String? { value.map { NumberFormat.percent($0) + " %" } }
    let counts = observe.judged.counts
    for call in observe.calls.prefix(8) { add(VisibleText.cut(call.name, to: 40), "\(call.count)") }
    add(
      "records a request",
      Quotient.divide(observe.records.counts.attempted, by: observe.requests).map(NumberFormat.brief))
    add("fill of requests", percent(Quotient.divide(observe.requestsNeeded, by: observe.requests)))
    if let user = observe.userRecords {
      add("aggregated Kinesis records", "\(observe.aggregates)")
      add("user records in them and beside", "\(user.counts.attempted)")
    }
    if observe.identifies {
      add("distinct records", "\(counts.distinct)")
      add("delivered", "\(counts.delivered)")
      add("lost", "\(counts.lost)")
      add("duplicates", "\(counts.duplicates)")
      add("retries", "\(counts.retries)")
      add("repeats of accepted records", "\(counts.repeats)")
      add("out of order within their key", "\(counts.reordered)")
      add("tries per record", Quotient.divide(counts.attempted, by: counts.distinct).map { NumberFormat.fixed($0, 2) })
      add("wait before a retry, p50", milliseconds(observe.retryGapMs.p50))
      add("wait before a retry, p99", milliseconds(observe.retryGapMs.p99))
      add("retries within 10 ms, most of an episode", percent(observe.retriesTogether))
      add("expected records", observe.expected.map { "\($0)" })
    }
    let traffic = facts.summary.requests.traffic
    let reused = traffic.requests - traffic.requestsOnReusedConnections
    add("service p99", milliseconds(facts.summary.latencyMs.service?.p99))
    if reused > 0 { add("connections opened", "\(facts.summary.connections.opened)") }
    add("longest pause", NumberFormat.seconds(observe.longestPauseS))
    for refusal in observe.refusals.prefix(5) {
      add("refused: " + VisibleText.cut(refusal.name, to: 40), "\(refusal.count)")
    }
    return lines
  }
}
