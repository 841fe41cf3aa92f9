import Measurement

/// What the live lines show: the last five whole seconds of a run as they happened, never as they were planned.
package struct ProgressSnapshot: Sendable, Equatable {
  /// A shard among the most throttled ones.
  package struct Shard: Sendable, Equatable {
    /// Its place in hash order.
    package var index: Int
    /// Throttled tries over all tries, 0 to 1.
    package var throttleRatio: Double

    /// A shard and its ratio.
    package init(index: Int, throttleRatio: Double) {
      self.index = index
      self.throttleRatio = throttleRatio
    }
  }

  /// The scenario's name.
  package var scenario = ""
  /// The phase that is running.
  package var phase = ""
  /// Its place among the phases, from 1.
  package var phaseIndex = 1
  /// How many phases there are.
  package var phaseCount = 1
  /// Whole seconds since the first measured phase began; negative in warm-up.
  package var second = 0
  /// Seconds since the run began.
  package var elapsedSeconds = 0.0
  /// Seconds the whole plan takes.
  package var totalSeconds = 0.0
  /// What the plan asks for, records/s.
  package var plannedPerSecond = 0.0
  /// Tries on the wire, retries included, records/s.
  package var attemptedPerSecond = 0.0
  /// Accepted, records/s.
  package var acceptedPerSecond = 0.0
  /// Throttled tries over all tries, 0 to 1; nil when nothing was tried.
  package var throttleRatio: Double?
  /// Tries that failed otherwise or had no answer over all tries, 0 to 1; nil when nothing was tried.
  package var failureRatio: Double?
  /// Records that ended without being accepted, records/s.
  package var lostPerSecond = 0.0
  /// Median response time in ms; nil when nothing was answered.
  package var responseP50: Double?
  /// 99th percentile of the response time in ms; nil when nothing was answered.
  package var responseP99: Double?
  /// The most throttled shards, worst first; three are shown.
  package var worstShards: [Shard] = []
  /// How many shards were throttled at all.
  package var throttledShardCount = 0
  /// How many shards the stream has.
  package var shardCount = 0
  /// The busiest worker's share of its core, 0 to 1; nil when unknown.
  package var cpuRatio: Double?
  /// 99th percentile of the lateness in ms; nil when nothing was sent.
  package var latenessP99: Double?
  /// How far the generator is behind its plan in seconds, whoever keeps it; nil when it keeps up.
  package var behindSeconds: Double?
  /// How long nothing has been answered although something was sent, in seconds; nil below a second.
  package var silentSeconds: Double?
  /// Whether requests in flight were at their cap while batches were due.
  package var isCapped = false
  /// Whether anything is on the wire or due.
  package var isWaiting = false

  /// A snapshot of nothing; fill in what is known.
  package init() {}
}

/// The lines of a run in progress, as pure functions; what writes them to stderr decides when.
package enum ProgressLines {
  /// Three lines for a terminal that redraws them in place, one when it is narrower than 60 columns.
  ///
  /// - Parameters:
  ///   - snapshot: the last five whole seconds.
  ///   - columns: the terminal's width; no line is wider than it or than 80.
  /// - Returns: lines without their ends and without control codes.
  package static func live(
    _ snapshot: ProgressSnapshot, columns: Int, charset: TerminalCharset = .ascii
  ) -> [String] {
    let width = max(min(columns, 80), 10)
    let total = max(snapshot.totalSeconds, 0)
    let elapsed = min(max(snapshot.elapsedSeconds, 0), total)
    let clock = "\(NumberFormat.fixed(elapsed, 0))/\(NumberFormat.fixed(total, 0)) s"
    let name = VisibleText.cut(charset.shown(snapshot.scenario), to: 20)
    let phase = VisibleText.cut(charset.shown(snapshot.phase), to: 14)
    let throttled = snapshot.throttleRatio.map { NumberFormat.fixed($0 * 100, 1) + " %" } ?? "-"
    let p99 = snapshot.responseP99.map { short($0) + " ms" } ?? "-"
    guard width >= 60 else {
      let state = states(snapshot).first { $0 != "ok" }.map { "  " + $0 } ?? ""
      return [
        clip(
          "\(phase) \(clock)  \(NumberFormat.compact(snapshot.attemptedPerSecond))/s  thr \(throttled)\(state)", width)
      ]
    }
    let filled = total > 0 ? Int((elapsed / total * 22).rounded(.down)) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 22 - filled)
    let left = NumberFormat.fixed((total - elapsed).rounded(.up), 0)
    let first =
      "\(name)  \(phase) \(snapshot.phaseIndex)/\(snapshot.phaseCount)  [\(bar)]  \(clock)  \(left) s left"
    let losses = snapshot.lostPerSecond > 0 ? "  lost \(NumberFormat.compact(snapshot.lostPerSecond))" : ""
    let second =
      "  plan \(NumberFormat.compact(snapshot.plannedPerSecond))"
      + "  attempted \(NumberFormat.compact(snapshot.attemptedPerSecond))"
      + "  accepted \(NumberFormat.compact(snapshot.acceptedPerSecond)) rec/s\(losses)  throttled \(throttled)  p99 \(p99)"
    let states = states(snapshot).map { "  " + $0 }.joined()
    let cpu = snapshot.cpuRatio.map { " cpu \(NumberFormat.fixed($0 * 100, 0)) %" } ?? ""
    let late = snapshot.latenessP99.map { "  late \(short($0)) ms" } ?? ""
    // Where not everything has room, what is wrong stays.
    let tails = [cpu + late, cpu, ""].map { "generator" + $0 + states }
    let tail = tails.first { $0.count + 2 <= width } ?? "generator" + states
    let third = hot(snapshot, room: width - tail.count) + tail
    return [shortened(first, name: name, bar: bar, to: width), clip(second, width), clip(third, width)]
  }

  /// What is wrong, the worst first; `ok` only where answers say so, and nothing where nothing is known.
  private static func states(_ snapshot: ProgressSnapshot) -> [String] {
    var states: [String] = []
    if let silent = snapshot.silentSeconds {
      states.append("no answer for \(NumberFormat.fixed(silent.rounded(.down), 0)) s")
    }
    if let behind = snapshot.behindSeconds { states.append("BEHIND \(short(behind)) s") }
    if snapshot.isCapped { states.append("capped") }
    if let failing = snapshot.failureRatio, failing > 0 {
      states.append("failing \(NumberFormat.wholePercent(failing)) %")
    }
    if !states.isEmpty { return states }
    return snapshot.failureRatio == nil && snapshot.isWaiting
      ? ["no answer yet"] : snapshot.failureRatio == nil ? [] : ["ok"]
  }

  /// The most throttled shards, as many of three as leave room for what stands behind them.
  private static func hot(_ snapshot: ProgressSnapshot, room: Int) -> String {
    guard snapshot.throttledShardCount > 0 else { return "  " }
    let worst = snapshot.worstShards.prefix(3).map { "\($0.index) \(NumberFormat.wholePercent($0.throttleRatio)) %" }
    for count in stride(from: worst.count, to: 0, by: -1) {
      let text =
        "  hot \(worst.prefix(count).joined(separator: ", "))"
        + " (\(snapshot.throttledShardCount) of \(snapshot.shardCount))   "
      if text.count <= room { return text }
    }
    return "  "
  }

  /// One `key=value` line for a log: constant order of fields, empty where unknown.
  package static func log(_ snapshot: ProgressSnapshot, charset: TerminalCharset = .ascii) -> String {
    func number(_ value: Double?) -> String { value.map(NumberFormat.brief) ?? "" }
    var fields = ["t=\(snapshot.second)", "phase=\(charset.shown(snapshot.phase).replacingSpaces)"]
    fields.append("plan=\(NumberFormat.fixed(snapshot.plannedPerSecond, 0))")
    fields.append("attempted=\(NumberFormat.fixed(snapshot.attemptedPerSecond, 0))")
    fields.append("accepted=\(NumberFormat.fixed(snapshot.acceptedPerSecond, 0))")
    fields.append("throttled_pct=\(snapshot.throttleRatio.map { NumberFormat.fixed($0 * 100, 2) } ?? "")")
    fields.append("failed_pct=\(snapshot.failureRatio.map { NumberFormat.fixed($0 * 100, 2) } ?? "")")
    fields.append("lost_per_s=\(NumberFormat.fixed(snapshot.lostPerSecond, 0))")
    fields.append("p50_ms=\(number(snapshot.responseP50))")
    fields.append("p99_ms=\(number(snapshot.responseP99))")
    let worst = snapshot.worstShards.first.map { "\($0.index):\(NumberFormat.fixed($0.throttleRatio * 100, 1))" }
    fields.append("worst=\(worst ?? "")")
    fields.append("cpu_pct=\(snapshot.cpuRatio.map { NumberFormat.fixed($0 * 100, 0) } ?? "")")
    fields.append("late_p99_ms=\(number(snapshot.latenessP99))")
    fields.append("behind_s=\(number(snapshot.behindSeconds))")
    fields.append("no_answer_s=\(snapshot.silentSeconds.map { NumberFormat.fixed($0, 1) } ?? "")")
    fields.append("capped=\(snapshot.isCapped ? 1 : 0)")
    return fields.joined(separator: " ")
  }

  /// The first line with its bar, and then its name, cut until it fits.
  private static func shortened(_ line: String, name: String, bar: String, to width: Int) -> String {
    guard line.count > width else { return line }
    let excess = line.count - width
    guard bar.count - excess < 6 else { return line.replacingFirst(bar, with: thinned(bar, by: excess)) }
    let bare = line.replacingFirst("[\(bar)]  ", with: "")
    return clip(bare, width)
  }

  /// A shorter bar that shows the same part.
  private static func thinned(_ bar: String, by excess: Int) -> String {
    let length = bar.count - excess
    let filled = bar.count { $0 == "#" } * length / bar.count
    return String(repeating: "#", count: filled) + String(repeating: ".", count: length - filled)
  }

  /// Two or three digits: a line that is redrawn four times a second is read at a glance.
  private static func short(_ value: Double) -> String {
    value < 9.95 ? NumberFormat.fixed(value, 1) : NumberFormat.fixed(value, 0)
  }

  private static func clip(_ line: String, _ width: Int) -> String { VisibleText.prefix(line, width) }
}

extension String {
  /// The text with the first occurrence of another replaced.
  fileprivate func replacingFirst(_ part: String, with other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }

  /// Spaces as underscores, so that a log line splits at spaces.
  fileprivate var replacingSpaces: String { String(map { $0 == " " ? "_" : $0 }) }
}
