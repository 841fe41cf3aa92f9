import StrictJSON

/// What `search` finds: the highest value that passes, the lowest that fails, every probe on the way; its JSON form is what
/// `--json` prints and what `summary.json` holds as `search`.
package struct SearchDocument: Sendable, Equatable {
  /// One run of a search.
  package struct Probe: Sendable, Equatable {
    /// From 1, in the order they were made.
    package var number = 0
    /// The folder of its run, inside the search's.
    package var folder = ""
    /// What was varied.
    package var value = 0.0
    /// `bracket`, `bisect`, `confirm`, `widen`, `soak` or `sweep`.
    package var purpose = ""
    /// `pass`, `fail`, `capped` or `generator-bound`.
    package var verdict = ""
    /// Why it did not pass; empty when it did.
    package var reason = ""
    /// Whether the shards' burst credit was emptied before it was judged.
    package var isEmptied = false
    /// By what the requests in flight were multiplied.
    package var inFlightFactor = 1
    /// The measured time.
    package var seconds = 0.0
    /// Records that came due over the measured time, and those accepted in it by the clock, a second.
    package var plannedPerS: Double?
    package var acceptedPerS: Double?
    /// Throttled over attempted, and not accepted in the end over planned, of the cohort.
    package var throttleRatio: Double?
    package var lostRatio: Double?
    /// Of the cohort's records, and of its answered requests; milliseconds.
    package var responseP50: Double?
    package var responseP99: Double?
    package var responseP999: Double?
    package var serviceP50: Double?

    /// A probe of nothing.
    package init() {}
  }

  /// A load a little below the highest pass, held again.
  package struct Soak: Sendable, Equatable {
    package var value: Double
    package var hasPassed: Bool

    package init(value: Double, hasPassed: Bool) { (self.value, self.hasPassed) = (value, hasPassed) }
  }

  /// Where response time leaves its floor.
  package struct Knee: Sendable, Equatable {
    /// The highest value whose response time is still near the floor.
    package var value: Double
    /// The lowest p50 of the response time among all probes, milliseconds.
    package var floor: Double
    /// At the next value above it.
    package var next: Double
    package var nextP50: Double

    package init(value: Double, floor: Double, next: Double, nextP50: Double) {
      (self.value, self.floor, self.next, self.nextP50) = (value, floor, next, nextP50)
    }

    /// How it is found.
    package static let method =
      "the highest value up to which the p50 of response stays within 1.5 times the lowest p50 of all probes"
  }

  /// What ended the passes.
  package enum Bound: String, Sendable {
    case records, bytes, time, connections, faults, generator, goals, nothing
  }

  package var scenario = ""
  /// Of the scenario as it was given, before anything was varied.
  package var workloadHash = ""
  package var stream = ""
  package var shards = 0
  package var vary = "rate"
  package var find = "highest"
  package var unit = "records/s"
  /// What a probe must meet, each in words.
  package var goals: [String] = []
  package var tolerance = 0.02
  package var probeSeconds = 0.0
  /// The rate at which the hottest shard meets its limit by the key masses; `nil` where nothing is varied by rate, or there
  /// is no limit.
  package var analyticLimit: Double?
  package var highestPass: Double?
  package var lowestFail: Double?
  /// `target` or `generator`; `nil` when nothing failed.
  package var limitedBy: String?
  package var boundBy = Bound.nothing
  /// Whether the two are as close as asked for, each decided by probes that agree.
  package var isClosed = false
  /// Why it ended before that; `nil` when it did not.
  package var stopped: String?
  package var soak: Soak?
  package var knee: Knee?
  /// The decision first.
  package var sentences: [String] = []
  package var probes: [Probe] = []
  package var warnings: [String] = []

  /// A search of nothing; fill in what is found.
  package init() {}
}

extension SearchDocument {
  private typealias Members = [(String, JSONValue)]

  /// One JSON object; a member that is not known is null.
  package var json: JSONValue {
    let answer: Members = [
      ("highest_pass", Self.number(highestPass)), ("lowest_fail", Self.number(lowestFail)), ("unit", .string(unit)),
      ("limited_by", Self.text(limitedBy)), ("bound_by", .string(boundBy.rawValue)),
      ("probes", .array(probes.map(Self.json(of:)))),
    ]
    let asked: Members = [
      ("vary", .string(vary)), ("find", .string(find)), ("tolerance", .number(tolerance)),
      ("probe_s", .number(probeSeconds)), ("goals", Self.texts(goals)), ("analytic_limit", Self.number(analyticLimit)),
      ("scenario", .string(scenario)), ("workload_sha256", .string(workloadHash)), ("stream", .string(stream)),
      ("shards", .integer(Int64(clamping: shards))),
    ]
    let more: Members = [
      ("closed", .bool(isClosed)), ("stopped", Self.text(stopped)), ("soak", soakJSON), ("knee", kneeJSON),
      ("sentences", Self.texts(sentences)), ("warnings", Self.texts(warnings)),
    ]
    return .object(answer + asked + more)
  }

  private static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
  private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
  private static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  private var soakJSON: JSONValue {
    guard let soak else { return .null }
    return .object([("value", .number(soak.value)), ("passed", .bool(soak.hasPassed))])
  }

  private var kneeJSON: JSONValue {
    guard let knee else { return .null }
    let members: Members = [
      ("value", .number(knee.value)), ("floor_p50_ms", .number(knee.floor)), ("next", .number(knee.next)),
      ("next_p50_ms", .number(knee.nextP50)), ("method", .string(Knee.method)),
    ]
    return .object(members)
  }

  private static func json(of probe: Probe) -> JSONValue {
    let asked: Members = [
      ("probe", .integer(Int64(probe.number))), ("folder", .string(probe.folder)), ("value", .number(probe.value)),
      ("purpose", .string(probe.purpose)), ("verdict", .string(probe.verdict)), ("reason", .string(probe.reason)),
      ("emptied", .bool(probe.isEmptied)), ("in_flight_factor", .integer(Int64(probe.inFlightFactor))),
      ("measured_s", .number(probe.seconds)),
    ]
    let seen: Members = [
      ("planned_records_per_s", number(probe.plannedPerS)), ("accepted_records_per_s", number(probe.acceptedPerS)),
      ("throttle_ratio", number(probe.throttleRatio)), ("lost_ratio", number(probe.lostRatio)),
      ("response_p50_ms", number(probe.responseP50)), ("response_p99_ms", number(probe.responseP99)),
      ("response_p999_ms", number(probe.responseP999)), ("service_p50_ms", number(probe.serviceP50)),
    ]
    return .object(asked + seen)
  }
}
