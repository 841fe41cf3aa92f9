import Measurement
import Observations
import RunResults

/// What a target says when it stops: eight lines on what it saw, each beginning with what it is about.
package enum ObservedText {
  /// The lines, each with its end, in ASCII but for foreign text that the terminal shows.
  package static func lines(_ run: LoadedRun, charset: TerminalCharset = .ascii) -> String {
    block(RunFacts(run), charset).map { $0.text(columns: TerminalText.widest, colour: false) + "\n" }.joined()
  }

  static func block(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    guard let observe = facts.summary.observe else { return [] }
    guard observe.requests > 0 else {
      return TerminalText.wrapped(charset.shown(ObservedFindings(observe).lead.plain), to: TerminalText.widest).map {
        TerminalLine($0)
      }
    }
    let counts = observe.judged.counts
    let traffic = observe.records.counts
    var lines: [TerminalLine] = []
    func add(_ name: String, _ text: String) {
      let cut = VisibleText.cut(charset.shown(text), to: TerminalText.widest - 11)
      lines.append(TerminalLine(TerminalText.left(name, 11) + cut))
    }
    let calls = observe.calls.prefix(3).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    add(
      "requests",
      "\(calls) in \(NumberFormat.seconds(facts.measuredSeconds)), "
        + NumberFormat.count(facts.summary.connections.opened, "connection"))
    add(
      "records",
      "\(traffic.attempted) attempted, \(traffic.accepted) accepted, \(traffic.throttled) throttled, \(traffic.fault) failed"
    )
    let unknown = "not told apart without --run-dir or --out"
    add(
      "delivery",
      observe.identifies
        ? "\(counts.distinct) distinct, \(counts.delivered) delivered, \(counts.lost) lost" : unknown)
    add(
      "order",
      observe.identifies
        ? NumberFormat.count(counts.duplicates, "duplicate") + ", \(counts.reordered) behind a later one of their key"
        : unknown)
    let gap = observe.retryGapMs.p50.map { ", after \(NumberFormat.brief($0)) ms (p50)" } ?? ""
    let together = observe.retriesTogether.map { ", \(NumberFormat.wholePercent($0)) % within 10 ms" } ?? ""
    add("retries", observe.identifies ? "\(counts.retries)\(gap)\(together)" : unknown)
    let mean = Quotient.divide(traffic.attempted, by: observe.requests).map(NumberFormat.brief) ?? "-"
    let fill =
      Quotient.divide(observe.requestsNeeded, by: observe.requests).map { NumberFormat.wholePercent($0) } ?? "-"
    add("batches", "\(mean) records a request, \(fill) % of what could have been sent together")
    add("shards", shards(facts))
    let key = facts.run.keys?.first
    add(
      "keys",
      key.map {
        "heaviest \($0.partitionKey.isEmpty ? "(hidden)" : $0.partitionKey): \(NumberFormat.percent($0.shareRatio)) % of the records"
      }
        ?? "none")
    return lines
  }

  /// Which shards refused most.
  private static func shards(_ facts: RunFacts) -> String {
    let worst = facts.shards.worst.prefix(3).map { facts.shards.rows[$0] }.filter {
      $0.traffic.throttled + $0.traffic.failed > 0
    }
    guard !worst.isEmpty else { return "\(NumberFormat.count(facts.shards.count, "shard")), none refused a record" }
    return worst.map {
      "\($0.shardIndex) refused \($0.traffic.throttled + $0.traffic.failed) of \($0.traffic.attempted)"
    }.joined(separator: ", ")
  }
}
