import Measurement
import Observations
import RunResults

/// The sentences that open the page, the step summary and the failures of JUnit, each made by a rule.
enum Findings {
  /// The banner's paragraph: at most four sentences.
  static func paragraph(_ facts: RunFacts) -> Prose {
    if let observe = facts.summary.observe { return observed(observe, facts) }
    var sentences: [Prose] = []
    if facts.run.summary == nil {
      sentences.append("The run did not end in order: this is what it left behind.")
    } else if !facts.summary.complete {
      let why = whyIncomplete(facts)
      sentences.append("\(why.prefix(1).uppercased() + why.dropFirst()).")
    } else if facts.verdict == .invalid, facts.planned > 0 {
      let why = whyInvalid(facts)
      sentences.append("\(why.prefix(1).uppercased() + why.dropFirst()).")
    }
    if facts.measuredSeconds <= 0 || facts.planned == 0 {
      sentences.append("Nothing was measured.")
      return sentences.reduce(Prose(), +)
    }
    sentences.append(thresholds(facts))
    if let found = facts.summary.verification { sentences.append(verification(found)) }
    // What failed is never left out, and comes first where it outweighs throttling.
    let failures = failures(facts)
    let isWorse = facts.total.traffic.failed > facts.total.traffic.throttled
    if let failures, isWorse { sentences.append(failures) }
    sentences.append(throttling(facts))
    if let failures, !isWorse { sentences.append(failures) }
    if sentences.count < 4, let binding = binding(facts) { sentences.append(binding) }
    return sentences.reduce(Prose(), +)
  }

  /// What the target saw, and what else decided.
  private static func observed(_ observe: SummaryObserve, _ facts: RunFacts) -> Prose {
    seen(observe) + (facts.summary.thresholds.isEmpty ? "" : thresholds(facts))
  }

  /// How the observed command ended, where that was not in order, and what the target saw of it.
  static func seen(_ observe: SummaryObserve) -> Prose {
    let end: Prose = command(observe).map { "\($0.prefix(1).uppercased() + $0.dropFirst())." } ?? ""
    return end + ObservedFindings(observe).paragraph
  }

  /// How the observed command ended, where that was not in order, as a clause without a stop.
  static func command(_ observe: SummaryObserve) -> String? {
    guard let command = observe.command else { return nil }
    switch SummaryCommand.Ending(rawValue: command.endedBy) {
    case .timeout: return "the command did not end in \(NumberFormat.seconds(command.seconds)) and was ended"
    case .itself where command.exitCode > 128: return "the command was ended by signal \(command.exitCode - 128)"
    case .itself where command.exitCode != 0: return "the command failed with exit code \(command.exitCode)"
    default: return nil
    }
  }

  /// What cut a run short, as a clause without a stop.
  static func whyIncomplete(_ facts: RunFacts) -> String {
    if facts.isObserved { return "interrupted: what was seen until then is told" }
    if let threshold = facts.stopping, let stopped = threshold.abortedAtS {
      return "stopped at \(NumberFormat.fixed(stopped, 1)) s by its threshold \(VisibleText.line(threshold.id))"
    }
    return facts.summary.lateInterruption?.clause ?? "stopped before its plan was done"
  }

  /// Why no number of an invalid run may be quoted, as a clause without a stop.
  static func whyInvalid(_ facts: RunFacts) -> String {
    let records = facts.summary.records
    if let observe = facts.summary.observe {
      let ends = [command(observe), observe.requests == 0 ? "no record was put into a stream" : nil]
      let told = ends.compactMap(\.self).joined(separator: "; ")
      return told.isEmpty ? "the records do not add up" : told
    }
    if records.planned == 0 { return "nothing was measured" }
    if records.traffic.accepted + records.traffic.throttled == 0 {
      return "nothing was measured: no record was accepted or throttled"
    }
    if !facts.summary.checks.identityHolds { return "the records do not add up" }
    if let phase = facts.emptyPhase {
      return "nothing was measured in phase \(VisibleText.line(phase)): it had no records"
    }
    return facts.generator.health.wasStopped
      ? "the generator was stopped or starved; no number may be quoted"
      : "the generator was the bottleneck; no number may be quoted"
  }

  /// What reading the stream back found.
  ///
  /// - Parameter isBrief: only whether everything is there, for a line of a terminal.
  static func verification(_ found: VerificationCounts, isBrief: Bool = false) -> Prose {
    if let problem = found.problem {
      return "The stream could not be verified: \(problem)."
    }
    var ends: [String] = []
    if found.missing > 0 {
      ends.append("\(found.missing) of \(NumberFormat.count(found.accepted, "accepted record")) missing")
    }
    if found.altered > 0 { ends.append("\(NumberFormat.count(found.altered, "record")) altered") }
    if ends.isEmpty {
      ends.append(
        found.accepted == 1
          ? "The accepted record was read back" : "All \(found.accepted) accepted records were read back")
    }
    if isBrief { return "\(ends.joined(separator: ", "))." }
    if found.duplicated > 0 { ends.append("\(found.duplicated) more than once") }
    if let reordered = found.reordered, reordered > 0 { ends.append("\(reordered) out of order within their key") }
    return "\(ends.joined(separator: ", "))."
  }

  /// How the stream's shards changed during the run; nothing when they did not.
  static func resharding(_ changes: [SummaryShardChange], _ shards: [ShardRow]) -> Prose {
    guard let first = changes.first else { return Prose() }
    func names(_ ids: [String], _ verb: String) -> String? {
      guard !ids.isEmpty else { return nil }
      guard ids.count <= 6 else { return "\(NumberFormat.count(ids.count, "shard")) \(verb)" }
      let numbers = ids.map { id in shards.first { $0.shardID == id }.map { "\($0.shardIndex)" } ?? id }
      return "\(numbers.count == 1 ? "shard " : "shards ")\(numbers.joined(separator: ", ")) \(verb)"
    }
    let what = [names(first.closed, "closed"), names(first.opened, "opened")].compactMap { $0 }.joined(separator: ", ")
    let more =
      changes.count > 1 ? "; \(NumberFormat.count(changes.count - 1, "further change")) followed" : ""
    let time = NumberFormat.fixed(first.tS, 1)
    return
      "The stream's shards changed at \(time) s: \(what)\(more); predictions follow from \(NumberFormat.fixed(first.listedTS, 1)) s on."
  }

  /// How many thresholds hold.
  static func thresholds(_ facts: RunFacts) -> Prose {
    let count = facts.summary.thresholds.count
    let missing = facts.summary.thresholds.count { !$0.passed && $0.observed == nil }
    let crossed = facts.crossed - missing
    if count == 0 { return facts.isObserved ? "No gate was given." : "No thresholds were set." }
    let noun = count == 1 ? "threshold" : "thresholds"
    if crossed == 0, missing == 0 {
      return count == 1 ? "The threshold holds." : "All \(count) thresholds hold."
    }
    if missing == 0 { return "\(crossed) of \(count) \(noun) crossed." }
    if crossed == 0 { return "\(missing) of \(count) \(noun) could not be judged for want of data." }
    return "\(crossed) of \(count) \(noun) crossed, \(missing) more without data."
  }

  /// How much was throttled and where it is concentrated.
  static func throttling(_ facts: RunFacts) -> Prose {
    guard let ratio = facts.throttleRatio else { return "No record was sent." }
    if facts.total.traffic.throttled == 0 {
      let calm: Prose =
        "Nothing was throttled: \(rate: facts.total.acceptedRecordsPerS ?? 0) rec/s were accepted."
      return facts.shards.credits.first.map { calm + $0.sentence(of: facts.measuredSeconds) } ?? calm
    }
    let share = NumberFormat.percent(ratio)
    if ratio == 1 { return "Every attempt was throttled." }
    guard let concentration = facts.concentration else {
      let spread: Prose =
        facts.shards.count < 2 ? "" : ", spread over \(facts.shards.throttledCount) of \(facts.shards.count) shards"
      let whole: Prose = "\(share) % of all attempts were throttled\(spread)."
      guard let worst = facts.shards.mostThrottled, let cause = facts.shards.cause(worst) else { return whole }
      return whole + "Shard \(facts.shards.rows[worst].shardIndex): \(cause)."
    }
    let shard: Prose = "\(strong: "shard \(concentration.shard.shardIndex)")"
    let part = NumberFormat.wholePercent(concentration.share)
    if let worst = facts.shards.mostThrottled, let cause = facts.shards.cause(worst) {
      return "\(share) % of all attempts were throttled, \(part) % of them on \(shard). There, \(cause)."
    }
    guard let key = concentration.key else {
      return "\(share) % of all attempts were throttled, \(part) % of them on \(shard)."
    }
    let limit = concentration.shard.limitRecordsPerS ?? .max
    let cut = VisibleText.cut(key, to: 40, gap: "…")
    if let peak = concentration.keyPeak {
      if peak > limit {
        return
          "\(share) % of all attempts were throttled, \(part) % of them on \(shard), where one key, \(code: cut), peaks at \(peak) rec/s: more than a whole shard may take."
      }
      return
        "\(share) % of all attempts were throttled, \(part) % of them on \(shard), where one key, \(code: cut), carries \(NumberFormat.wholePercent(concentration.keyShare)) % and peaks at \(peak) rec/s."
    }
    return
      "\(share) % of all attempts were throttled, \(part) % of them on \(shard), where one key, \(code: cut), carries \(NumberFormat.wholePercent(concentration.keyShare)) %."
  }

  /// Which limit of the stream is the nearer one.
  static func binding(_ facts: RunFacts) -> Prose? {
    guard let records = facts.recordUse, let bytes = facts.byteUse, max(records, bytes) > 0 else { return nil }
    let (recordText, byteText) = (NumberFormat.wholePercent(records), NumberFormat.wholePercent(bytes))
    return facts.shards.bytesBind
      ? "Bytes bind: attempts took \(byteText) % of the stream's byte limit, \(recordText) % of its record limit."
      : "Records bind: attempts took \(recordText) % of the stream's record limit, \(byteText) % of its byte limit."
  }

  /// What failed for another reason than throttling.
  static func failures(_ facts: RunFacts) -> Prose? {
    let count = facts.total.traffic.failed
    guard count > 0, let ratio = facts.total.failedRatio else { return nil }
    let lead: Prose = "\(NumberFormat.percent(ratio)) % of all attempts failed for another reason"
    guard let commonest = facts.commonestFailure else { return "\(lead) (\(count))." }
    let which = commonest.count >= count ? "all" : "most"
    let advice = FailureAdvice.text(commonest.code, endpoint: facts.summary.target.endpoint)
    let more: Prose = advice.map { ": \($0)" } ?? ""
    return
      "\(lead), \(which) of them with \(code: commonest.code) from \(commonest.firstSecond) s on\(more)\(advice?.last == "?" ? "" : ".")"
  }

  /// How many records were planned and never accepted, as a clause; nil where none were.
  static func lost(_ facts: RunFacts) -> Prose? {
    let count = facts.total.delivery.lost
    guard count > 0, let share = facts.total.lostShare else { return nil }
    return "\(NumberFormat.count(count, "record")) lost (\(NumberFormat.percent(share)) %)"
  }

  /// Shards that lived on burst credit, at most three.
  static func credits(_ shards: ShardFacts) -> [Prose] {
    let credits = shards.credits
    let more = credits.count > 3 ? ["\(NumberFormat.count(credits.count - 3, "more shard")) did so too." as Prose] : []
    return credits.prefix(3).map { $0.sentence(of: shards.measuredSeconds) } + more
  }

  /// Who saw what is told, and whether that may be trusted.
  static func trust(_ facts: RunFacts) -> (sign: String, style: String, lead: String, rest: Prose) {
    guard facts.isObserved else { return trust(facts.generator) }
    return facts.summary.checks.identityHolds
      ? ("✓", "ok", "seen from the target", ": every record it was sent is accounted for.")
      : ("✗", "no", "seen from the target", ": the records do not add up.")
  }

  /// Whether the generator may be trusted, with the sign for the page and the numbers it rests on.
  static func trust(_ generator: GeneratorFacts) -> (sign: String, style: String, lead: String, rest: Prose) {
    let health = generator.health
    var numbers: [String] = []
    if let cpu = health.cpuMaxRatio { numbers.append("worker at most \(NumberFormat.wholePercent(cpu)) % busy") }
    if let late = health.latenessP99Ms { numbers.append("lateness p99 \(NumberFormat.brief(late)) ms") }
    numbers.append(
      health.unsent == 0 ? "nothing left unsent" : "\(NumberFormat.count(health.unsent, "record")) unsent")
    let rest: Prose = ", \(numbers.joined(separator: ", "))."
    switch generator.validity {
    case .valid: return ("✓", "ok", "valid: generator had headroom", rest)
    case .generatorBound:
      return (
        "✗", "no",
        "generator \(health.wasStopped ? "stopped or starved" : "bound") in \(health.boundS) of \(health.seconds) s: latency is not to be quoted",
        rest
      )
    case .capped:
      return (
        "✓", "un",
        "capped in \(health.cappedS) of \(health.seconds) s: the endpoint \(generator.isFailing ? "failed or did not answer" : "was slow") and filled all requests in flight",
        rest + (littlesLaw(generator) ?? Prose())
      )
    case nil: return ("?", "un", "no verdict on the generator", ".")
    }
  }

  /// Why a full cap kept the load below the plan, in the numbers of Little's law; nil where the cap did not.
  static func littlesLaw(_ generator: GeneratorFacts) -> Prose? {
    guard let law = generator.health.littlesLaw else { return nil }
    let service = NumberFormat.brief(law.serviceMeanMs)
    let lead: Prose =
      "Little's law: \(law.atOnce) \(law.atOnce == 1 ? "request" : "requests") at once, \(service) ms each, make \(NumberFormat.brief(law.requestsPerS)) requests/s, \(rate: law.recordsPerS) rec/s"
    guard law.neededAtOnce > law.atOnce else {
      return
        "\(lead); the plan's busiest second, \(law.busiestPlannedRecords), is within that: the cap was full while \(generator.isFailing ? "requests failed or had no answer" : "answers took longer")."
    }
    return
      "\(lead); the plan's busiest second asked for \(law.busiestPlannedRecords), which takes \(law.neededAtOnce) at once (client.connections, client.maxInFlight)."
  }

  /// Whether the kernel held requests back; nil when it never did.
  static func sendBuffer(_ generator: GeneratorFacts) -> Prose? {
    guard let count = generator.health.sendBufferFullRequests, count > 0,
      let part = Quotient.divide(count, by: generator.requests)
    else { return nil }
    let share = NumberFormat.percent(min(part, 1))
    return
      "The kernel's send buffer had no room for \(share) % of the requests at once: the endpoint read more slowly than they were written, and that wait is part of service time."
  }

  /// What a reader must know before quoting a number: broken checks first, then the run's own warnings.
  static func warnings(_ facts: RunFacts) -> [String] {
    guard let summary = facts.run.summary else { return [] }
    var list: [String] = []
    if !summary.checks.identityHolds { list.append("The accounting identity is broken: planned records have no end.") }
    if summary.checks.sequenceViolations > 0 {
      list.append("\(summary.checks.sequenceViolations) accepted sequence numbers did not rise on their shard.")
    }
    if summary.checks.shardMismatches > 0 {
      list.append(
        "\(NumberFormat.count(summary.checks.shardMismatches, "accepted record")) came from another shard than the map predicts."
      )
    }
    let changes = resharding(facts.time.shardChanges, facts.shards.rows)
    if !changes.isEmpty { list.append(changes.plain) }
    let unlisted = summary.shards?.unlisted ?? []
    if let first = unlisted.first {
      let others = unlisted.count > 1 ? " and \(NumberFormat.count(unlisted.count - 1, "other"))" : ""
      list.append("Answers named \(first)\(others), which no list of shards had: the hash keys are not known.")
    }
    return list + summary.warnings.filter { !list.contains($0) }
  }
}
