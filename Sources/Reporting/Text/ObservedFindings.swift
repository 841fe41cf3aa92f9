import Measurement
import Observations
import RunResults

/// What a producer did, in sentences made by rules out of what the target saw: the first thing said of an observed run.
struct ObservedFindings {
  private let observe: SummaryObserve
  private let counts: RecordBookCounts
  private let requestsRecords: Double?

  /// Waits below this are no back-off: a shard gains back 20 records in that time.
  private static let leastGap = 20.0
  /// From this share within 10 ms on, retries are said to be in step.
  private static let inStep = 0.5
  /// Below this, requests are said to be emptier than they could be.
  private static let wellFilled = 0.9

  init(_ observe: SummaryObserve) {
    self.observe = observe
    counts = observe.judged.counts
    requestsRecords = Quotient.divide(observe.records.counts.attempted, by: observe.requests)
  }

  /// The verdict's paragraph: losses, batches and retries, duplicates and order.
  var paragraph: Prose {
    guard observe.requests > 0 else { return nothing }
    return [loss, batches, retries, repeats, expectation, amplification].compactMap(\.self).reduce(Prose(), +)
  }

  /// The one sentence that decides.
  var lead: Prose { observe.requests > 0 ? loss : nothing }

  private var refused: Int { counts.throttled + counts.fault }

  private var bound: String { counts.forgotten > 0 ? "at most " : "" }

  /// What it lost and how.
  private var loss: Prose {
    let records = NumberFormat.count(counts.distinct, "record")
    guard observe.identifies else {
      return "\(counts.accepted) of \(NumberFormat.count(counts.attempted, "record")) sent were accepted."
    }
    if counts.lost > 0 {
      let how: Prose
      if counts.lostAfterOneTry == counts.lost {
        how = "refused once, never sent again"
      } else if counts.lostAfterOneTry > 0 {
        how = "\(counts.lostAfterOneTry) refused once and never sent again, the others given up after further tries"
      } else {
        how = "refused at every try and given up"
      }
      return "Your producer lost \(bound)\(strong: "\(counts.lost)") of \(records): \(how)."
    }
    if refused == 0 {
      return "Your producer delivered all \(records); nothing was refused, so what it does then was not seen."
    }
    let tries = NumberFormat.count(refused, "try").replacing("trys", with: "tries")
    return "Your producer delivered all \(records), though \(tries) \(refused == 1 ? "was" : "were") refused."
  }

  /// How full its requests are.
  private var batches: Prose? {
    guard let mean = requestsRecords, let fill = Quotient.divide(observe.requestsNeeded, by: observe.requests),
      fill < Self.wellFilled, observe.requestsNeeded > 0
    else { return nil }
    let ready = Double(observe.records.counts.attempted) / Double(observe.requestsNeeded)
    return "It sends \(NumberFormat.brief(mean)) records a request where \(NumberFormat.brief(ready)) were ready."
  }

  /// Whether and how it retries.
  private var retries: Prose? {
    guard observe.identifies, refused > 0 else { return nil }
    guard counts.retries > 0, let gap = observe.retryGapMs.p50 else {
      return counts.repeats > 0 ? nil : "It never retries."
    }
    let wait = NumberFormat.brief(gap)
    let step = observe.retriesTogether.map { $0 >= Self.inStep ? ", in step" : "" } ?? ""
    if gap < Self.leastGap { return "It retries refused records at once, after \(wait) ms, without back-off\(step)." }
    let spread = (observe.retryGapMs.p90 ?? gap) >= 1.5 * gap ? ", longer at times" : ""
    return "It retries refused records after \(wait) ms\(spread)\(step)."
  }

  /// Duplicates and order.
  private var repeats: Prose? {
    guard observe.identifies else { return nil }
    let least = counts.forgotten > 0 ? "at least " : ""
    let duplicates: Prose =
      counts.duplicates == 0
      ? "No duplicates"
      : "\(least)\(strong: NumberFormat.count(counts.duplicates, "duplicate")): records sent again that had been accepted"
    let order: Prose =
      counts.reordered == 0
      ? "order held"
      : "\(NumberFormat.count(counts.reordered, "record")) came behind a later one of the same key"
    return "\(duplicates); \(order)."
  }

  private var expectation: Prose? {
    guard let expected = observe.expected else { return nil }
    let came = observe.expectedDelivered ?? counts.delivered
    return came < expected ? "\(expected - came) of \(expected) expected records did not arrive." : nil
  }

  private var amplification: Prose? {
    guard observe.identifies, let times = Quotient.divide(counts.attempted, by: counts.distinct), times >= 1.05 else {
      return nil
    }
    return "Each record was sent \(NumberFormat.fixed(times, 2)) times on average."
  }

  /// What it does that AWS advises against, each with what to do.
  var advice: [Prose] {
    guard observe.requests > 0, observe.identifies else { return [] }
    var list: [Prose] = []
    if counts.lostAfterOneTry > 0 {
      list.append(
        "AWS: look at every entry of a PutRecords answer; one with an \(code: "ErrorCode") was not stored and must be sent again, although the request answered 200."
      )
    }
    if counts.repeats > 0, refused > 0 {
      list.append(
        "AWS: send only the refused records again. \(counts.repeats) tries were of records already accepted: a request repeated as a whole, or one whose answer was lost."
      )
    }
    if counts.retries > 0, let gap = observe.retryGapMs.p50, gap < Self.leastGap {
      list.append(
        "AWS: wait longer before each further try, with a random part; a throttled shard needs time, not tries.")
    }
    if let share = observe.retriesTogether, share >= Self.inStep, counts.retries >= 100 {
      list.append(
        "\(NumberFormat.wholePercent(share)) % of an episode's retries came within 10 ms: with a random part in the wait they would meet a shard that has refilled."
      )
    }
    let single = observe.calls.first { $0.name.hasPrefix("PutRecord ") }?.count ?? 0
    if single >= 20, let fill = Quotient.divide(observe.requestsNeeded, by: observe.requests), fill < 0.5 {
      list.append("AWS: put many records with one PutRecords; \(single) requests carried one record each.")
    }
    return list
  }

  /// Why nothing was seen: what did connect, and which setting helps.
  private var nothing: Prose {
    "Nothing was put into a stream. \(Self.whatCame(observe))"
  }

  /// What came instead of records, as sentences.
  static func whatCame(_ observe: SummaryObserve) -> Prose {
    var parts: [Prose] = []
    for stream in observe.elsewhere.prefix(3) {
      parts.append("Records were sent to \(code: stream.name): name it with --stream.")
    }
    for refusal in observe.refusals.prefix(3) {
      let advice =
        switch refusal.name {
        case "MissingAuthenticationTokenException", "IncompleteSignatureException":
          ": the requests were not signed; give the producer credentials, or start with --allow-unsigned"
        case "ResourceNotFoundException": ": the stream is not there; name it with --stream"
        default: ""
        }
      parts.append("\(NumberFormat.count(refusal.count, "request")) refused with \(code: refusal.name)\(advice).")
    }
    for service in observe.otherServices.prefix(3) {
      parts.append("Another service was asked for: \(code: service.name).")
    }
    if !observe.calls.isEmpty {
      let calls = observe.calls.prefix(4).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
      parts.append("It called \(calls).")
    }
    if observe.garbage > 0 {
      parts.append(
        "\(NumberFormat.count(observe.garbage, "connection")) spoke no clear-text HTTP: perhaps TLS, for which there is --tls-self-signed."
      )
    }
    if parts.isEmpty {
      parts.append(
        "Nothing connected: the producer did not take the endpoint from \(code: "AWS_ENDPOINT_URL_KINESIS"); set it in its own configuration."
      )
    }
    return parts.reduce(Prose(), +)
  }
}
