import Measurement
import RunResults

/// What `size` prints on a terminal: sentences, a part of the sweep, and what would help; at most 80 columns, but for
/// commands, which can be copied.
package struct SizingText {
  private let document: SizingDocument
  private let charset: TerminalCharset

  /// The text of an answer, each line with its end.
  ///
  /// - Parameter charset: what the terminal shows of foreign text.
  package static func text(_ document: SizingDocument, charset: TerminalCharset = .ascii) -> String {
    SizingText(document: document, charset: charset).text
  }

  private var text: String {
    let blocks = [sentences, table, measured, help, notes].filter { !$0.isEmpty }
    return blocks.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  private var sentences: [String] {
    document.sentences.enumerated().flatMap { position, sentence in
      TerminalText.wrapped(charset.shown(sentence), to: TerminalText.widest) + (position == 0 ? [""] : [])
    }
  }

  // MARK: - The sweep

  /// The counts worth a line: where the answer turns, what there is, what AWS says, and how it goes on.
  private var shown: [SizingDocument.Row] {
    var wanted: Set<Int> = [1, document.shardsNow, document.awsFormulaShards, document.shardsNow * 2]
    if let answer = document.recommended {
      wanted.formUnion([answer - 1, answer, answer + 1, answer * 2])
    } else {
      var count = 1
      while count <= document.maxShards {
        wanted.insert(count)
        count *= 4
      }
      if let last = document.rows.last { wanted.insert(last.shards) }
    }
    return document.rows.filter { wanted.contains($0.shards) }
  }

  private var table: [String] {
    var lines = [
      row(["shards", "throttled", "w/o top key", "lost", "on shards", "mean use", "peak use"], "binds")
    ]
    for row in shown {
      let marks = [
        row.shards == document.recommended ? "<- enough" : "", row.isNow ? "now" : "",
        row.shards == document.awsFormulaShards ? "AWS says" : "",
      ].filter { !$0.isEmpty }
      lines.append(
        self.row(
          [
            "\(row.shards)", percent(row.throttleRatio) + (document.hasRetries && !row.isExact ? "*" : ""),
            percent(row.throttleWithoutTopRatio), row.undeliveredRatio.map(percent) ?? "-", "\(row.shardsThrottled)",
            percent(row.meanUse), percent(row.peakUse),
          ], row.binding + (marks.first.map { "  " + $0 } ?? "")))
      // A line has room for one.
      for mark in marks.dropFirst() { lines.append(self.row(Array(repeating: "", count: 7), "         " + mark)) }
    }
    if document.hasRetries { lines.append("* first tries alone; retries come on top") }
    if let draws = document.draws {
      lines.append("rows: draw \(draws.deciding + 1) of \(draws.count) of the names, the one that decides")
    }
    return lines
  }

  private func row(_ cells: [String], _ end: String) -> String {
    var line = TerminalLine()
    line.add(zip(cells, [5, 9, 11, 8, 9, 8, 8]).map(TerminalText.right).joined() + "  " + end)
    return line.text(columns: TerminalText.widest, colour: false)
  }

  private func percent(_ ratio: Double) -> String { NumberFormat.brief(ratio * 100) + " %" }

  // MARK: - What was measured

  /// Shards of a measurement with a line of their own.
  private static let mostShards = 8

  private var measured: [String] {
    guard let first = document.measurements.first else { return [] }
    var lines = ["measured, on the target \(charset.shown(first.target)), names as they are:"]
    for measurement in document.measurements {
      lines += TerminalText.wrapped(
        "\(NumberFormat.count(measurement.shards, "shard")): \(percent(measurement.modelRatio)) throttled by the model, "
          + "\(measurement.measuredRatio.map(percent) ?? "nothing") measured; "
          + (measurement.agrees
            ? "every shard is within 1 percentage point"
            : "\(NumberFormat.count(measurement.apart.count, "shard")) more than 1 percentage point apart"),
        to: TerminalText.widest)
      let order = measurement.rows.sorted { (abs($0.difference), $1.shard) > (abs($1.difference), $0.shard) }
      for row in order.prefix(Self.mostShards) {
        let points = NumberFormat.fixed(row.difference * 100, 2)
        lines.append(
          TerminalText.right("shard \(row.shard)", 12) + TerminalText.right(row.modelRatio.map(percent) ?? "-", 11)
            + " by the model" + TerminalText.right(row.measuredRatio.map(percent) ?? "-", 11) + " measured"
            + TerminalText.right(points, 8) + " points" + (measurement.apart.contains(row) ? "  <- apart" : ""))
      }
      if order.count > Self.mostShards {
        lines.append("  \(NumberFormat.count(order.count - Self.mostShards, "more shard")), nearer than these")
      }
      guard !measurement.agrees else { continue }
      let why = measurement.causes.isEmpty ? "no reason is known" : measurement.causes.joined(separator: "; ")
      lines += TerminalText.wrapped("  why: \(charset.shown(why))", to: TerminalText.widest)
    }
    return lines
  }

  // MARK: - What would help

  private var help: [String] {
    guard !document.help.isEmpty else { return [] }
    var lines = ["What would help, the soonest first; nothing is carried out:"]
    for help in document.help {
      let cost = help.cost.flatMap { cost in
        document.currency.map { " (\(NumberFormat.fixed(cost, 2)) \($0) a month)" }
      }
      let text = (help.helps ? "+ " : "- does not help: ") + charset.shown(help.text) + (cost ?? "")
      for (position, line) in TerminalText.wrapped(text, to: TerminalText.widest - 2).enumerated() {
        lines.append((position == 0 ? "" : "  ") + line)
      }
      if help.helps { lines += help.commands.map { "    " + charset.shown($0) } }
    }
    return lines
  }

  private var notes: [String] {
    var lines: [String] = []
    func note(_ name: String, _ text: String) {
      for (position, line) in TerminalText.wrapped(charset.shown(text), to: TerminalText.widest - 11).enumerated() {
        lines.append(TerminalText.left(position == 0 ? name : "", 11) + line)
      }
    }
    note(
      "goals",
      "at most \(percent(document.throttleGoal)) throttled, \(percent(document.headroomGoal)) of headroom, at most "
        + "\(document.maxShards) shards; limits \(document.limitsProfile)")
    for text in document.assumptions { note("assumed", text) }
    for name in document.notJudged { note("not judged", name) }
    note("workload", document.workloadHash)
    return lines
  }
}
