/// Which of a record's or a request's times a latency metric is about (all in nanoseconds).
package enum LatencyKind: String, CaseIterable, Hashable, Sendable {
  /// Last byte read minus due, per record's first try: the headline.
  case response
  /// First byte written minus batch closed, per request: waiting for a connection.
  case queue
  /// Last byte read minus first byte written, per request: what the endpoint took.
  case service
  /// Acceptance minus due, per record, retries included.
  case delivery
  /// Batch closed minus when it should have closed: the generator's own fault.
  case lateness
}

/// Which number of a latency distribution a metric is.
package enum LatencyStatistic: String, CaseIterable, Hashable, Sendable {
  case p50, p90, p99, p999, max, mean

  /// The quantile it is, nil for `mean`; `max` is quantile 1.
  package var quantile: Quantile? { Quantile(label: rawValue) }
}

/// Which way a metric gets better.
package enum MetricDirection: Hashable, Sendable {
  case higher, lower
}

/// What can be counted of some time, phase, shard or run. Whoever counts answers for those it knows; `Metric` says what is
/// made of them.
package enum Counter: Hashable, Sendable, CaseIterable {
  /// Records that came due.
  case planned
  /// Tries of records: the first ones, those after the first, and all of them by their outcomes.
  case firstTries, retries, attempted, accepted, throttled, fault, unknown
  /// Data and partition keys of tries and of the accepted ones among them.
  case attemptedBytes, acceptedBytes
  case requests
  /// Requests that would have held the records of the same tenths of a second.
  case requestsNeeded
  /// Requests on a connection that had carried one before.
  case requestsOnReusedConnections
  /// Records whose life ended without acceptance.
  case lost
  /// What reading the stream back found: accepted records that are there, those there more than once, first sightings whose
  /// order was judged, and those that stand behind a later record of their key.
  case found, duplicated, orderJudged, reordered
}

/// A side that counts.
package protocol Counted {
  /// The count; `nil` for what this side does not know.
  subscript(counter: Counter) -> Int? { get }
}

/// What a side counted in some time, by the clock, as ratios see it: the tries they are of are those that had their outcome
/// in it. Those attempted in it are others, since an answer takes its time.
package struct ByTheClock<Counts: Counted>: Counted {
  private let counts: Counts

  package init(_ counts: Counts) { self.counts = counts }

  package subscript(counter: Counter) -> Int? {
    guard counter == .attempted else { return counts[counter] }
    guard let accepted = counts[.accepted], let throttled = counts[.throttled], let fault = counts[.fault] else {
      return nil
    }
    // A side that answers knows of no try without an answer.
    return accepted + throttled + fault + (counts[.unknown] ?? 0)
  }
}

/// Counters over a counter, over the time, or alone.
package struct Quotient: Hashable, Sendable {
  /// What a sum of counters is divided by.
  package enum Divisor: Hashable, Sendable {
    case count(Counter)
    /// The time it was counted over, in seconds.
    case seconds
    /// Nothing: the quotient is the sum itself.
    case one
  }

  /// What is added up.
  package let parts: [Counter]
  package let divisor: Divisor
  /// What a value rests on: it says nothing where this is 0.
  package let samples: Counter

  private init(_ parts: [Counter], _ divisor: Divisor, samples: Counter) {
    self.parts = parts
    self.divisor = divisor
    self.samples = samples
  }

  /// A part of a whole, which is also what it rests on.
  package static func ratio(_ parts: Counter..., of whole: Counter) -> Quotient {
    Quotient(parts, .count(whole), samples: whole)
  }

  /// So many a second.
  package static func rate(_ part: Counter, samples: Counter) -> Quotient {
    Quotient([part], .seconds, samples: samples)
  }

  /// So many in all.
  package static func count(_ part: Counter, samples: Counter) -> Quotient {
    Quotient([part], .one, samples: samples)
  }

  /// Tries after the first over first tries: the column `retry_ratio`.
  package static let retryRatio = Quotient.ratio(.retries, of: .firstTries)

  /// Tries that were accepted over all records that came due.
  package static let deliveredRatio = Quotient.ratio(.accepted, of: .planned)

  /// Tries that were not accepted over all tries.
  package static let refusedRatio = Quotient.ratio(.throttled, .fault, .unknown, of: .attempted)

  /// The value over some time of so many seconds; `nil` without a divisor, or where one of the counters is not known.
  package func value(of counts: some Counted, seconds: Double = 0) -> Double? {
    MetricQuotient(self, of: counts, seconds: seconds)?.value
  }
}

extension Quotient {
  /// One amount over another, `nil` without a divisor: the one place that divides, for what no counter names too, such as
  /// a key's share of its shard.
  package static func divide(_ amount: Double, by divisor: Double) -> Double? { divisor > 0 ? amount / divisor : nil }
  package static func divide(_ count: Int, by divisor: Double) -> Double? { divide(Double(count), by: divisor) }
  package static func divide(_ count: Int, by whole: Int) -> Double? { divide(Double(count), by: Double(whole)) }
}

extension Counted {
  /// So many a second over some time; `nil` without time, or for what this side does not know.
  package func perSecond(_ counter: Counter, over seconds: Double) -> Double? {
    Quotient.rate(counter, samples: counter).value(of: self, seconds: seconds)
  }
}

/// Where a metric has a value beside the whole of what was measured, and who can know it.
package struct MetricPlaces: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// On each shard by itself.
  package static let shard = MetricPlaces(rawValue: 1)
  /// In each window of some seconds.
  package static let window = MetricPlaces(rawValue: 2)
  /// In each phase by itself.
  package static let phase = MetricPlaces(rawValue: 4)
  /// The driver knows it.
  package static let driver = MetricPlaces(rawValue: 8)
  /// A target knows it.
  package static let target = MetricPlaces(rawValue: 16)
  /// It takes reading the stream back.
  package static let readBack = MetricPlaces(rawValue: 32)

  /// Either side of the wire.
  package static let bothSides: MetricPlaces = [.driver, .target]
}

/// A number that thresholds, comparisons and reports know by name: a row of one table.
package struct Metric: Hashable, Sendable {
  /// What a metric is made of.
  package enum Formula: Hashable, Sendable {
    case quotient(Quotient)
    /// One statistic of one distribution.
    case latency(LatencyKind, LatencyStatistic)
    /// The highest rate of a counter among the shards over the mean of all.
    case skew(Counter)
    /// How long a producer waits between a refusal and the next try.
    case retryGap(Quantile)
    /// The largest share of an episode's retries within 10 ms.
    case retriesTogether
  }

  /// The name in scenarios, summaries and reports.
  package let name: String
  /// What its values are counted in.
  package let unit: MetricUnit
  /// Which way it gets better: what `worse` means in a comparison.
  package let better: MetricDirection
  package let formula: Formula
  package let places: MetricPlaces
  /// Its name in `rates` of `summary.json`, in `phases.csv` and in the page's table of phases, for one that these show for
  /// no other reason than that it is in the table; `nil` for the others, which have members and columns of their own or
  /// none.
  package let column: StaticString?
  /// Its short name above a column of the page, where room is scarce.
  package let head: StaticString

  private init(
    _ name: String, _ unit: MetricUnit, _ better: MetricDirection, _ formula: Formula, _ places: MetricPlaces,
    column: StaticString? = nil, head: StaticString = ""
  ) {
    self.name = name
    self.unit = unit
    self.better = better
    self.formula = formula
    self.places = places
    self.column = column
    self.head = head
  }

  /// `response.p99` and the like: one statistic of one kind of latency.
  package static func latency(_ kind: LatencyKind, _ statistic: LatencyStatistic) -> Metric {
    let sides: MetricPlaces = kind == .service || kind == .delivery ? .bothSides : .driver
    return Metric(
      "\(kind.rawValue).\(statistic.rawValue)", .nanoseconds, .lower, .latency(kind, statistic),
      // Histograms are kept shard by shard for response times alone.
      sides.union(kind == .response ? [.phase, .shard] : .phase))
  }

  /// Throttled tries among all tries.
  package static let throttleRatio = Metric(
    "throttle.ratio", .ratio, .lower, .quotient(.ratio(.throttled, of: .attempted)),
    [.shard, .window, .phase, .bothSides])
  /// Tries that failed for another reason than throttling, or without a usable answer.
  package static let faultRatio = Metric(
    "fault.ratio", .ratio, .lower, .quotient(.ratio(.fault, .unknown, of: .attempted)),
    [.shard, .window, .phase, .bothSides])
  /// Records that were never accepted, of those planned.
  package static let lostRatio = Metric(
    "lost.ratio", .ratio, .lower, .quotient(.ratio(.lost, of: .planned)), [.phase, .bothSides])
  /// Accepted records per second.
  package static let acceptedRate = Metric(
    "accepted.rate", .recordsPerSecond, .higher, .quotient(.rate(.accepted, samples: .attempted)),
    [.shard, .window, .phase, .bothSides])
  /// Accepted bytes (data and key) per second.
  package static let acceptedByteRate = Metric(
    "accepted.byteRate", .bytesPerSecond, .higher, .quotient(.rate(.acceptedBytes, samples: .attempted)),
    [.shard, .window, .phase, .bothSides])
  package static let requestsRate = Metric(
    "requests.rate", .requestsPerSecond, .higher, .quotient(.rate(.requests, samples: .requests)),
    [.window, .phase, .bothSides])
  /// Records per request, the mean.
  package static let requestsRecords = Metric(
    "requests.records", .recordsPerRequest, .higher, .quotient(.ratio(.attempted, of: .requests)),
    [.phase, .bothSides])
  /// Tries per first try.
  package static let retryAmplification = Metric(
    "retry.amplification", .multiple, .lower, .quotient(.ratio(.attempted, of: .firstTries)),
    [.shard, .phase, .bothSides], column: "retry_amplification",
    head: "tries per record")
  /// Of the accepted records found in the stream, those that are there more than once.
  package static let duplicateRatio = Metric(
    "duplicate.ratio", .ratio, .lower, .quotient(.ratio(.duplicated, of: .found)), [.bothSides, .readBack])
  /// Of the records found in the stream whose order could be judged, those behind a later one of their key.
  package static let reorderRatio = Metric(
    "reorder.ratio", .ratio, .lower, .quotient(.ratio(.reordered, of: .orderJudged)), [.bothSides, .readBack])
  /// The hottest shard's load over the mean shard's.
  package static let skewMax = Metric("skew.max", .multiple, .lower, .skew(.firstTries), [.phase, .bothSides])
  /// Requests on a connection that had carried one before, of all requests.
  package static let connectionsReused = Metric(
    "connections.reused", .ratio, .higher, .quotient(.ratio(.requestsOnReusedConnections, of: .requests)),
    [.window, .phase, .bothSides], column: "connections_reused_ratio",
    head: "reused %")
  /// Records that were never accepted.
  package static let lostCount = Metric(
    "lost.count", .records, .lower, .quotient(.count(.lost, samples: .planned)), [.phase, .bothSides])
  /// Accepted records that are in the stream more than once.
  package static let duplicateCount = Metric(
    "duplicate.count", .records, .lower, .quotient(.count(.duplicated, samples: .found)), [.bothSides, .readBack])
  /// Records in the stream behind a later one of their key.
  package static let reorderCount = Metric(
    "reorder.count", .records, .lower, .quotient(.count(.reordered, samples: .orderJudged)), [.bothSides, .readBack])
  package static let requestsCount = Metric(
    "requests.count", .requests, .lower, .quotient(.count(.requests, samples: .requests)), [.phase, .bothSides])

  /// Records per request over what requests of the same tenth of a second could have held together: 1 where no request could
  /// have been spared.
  package static let requestsFill = Metric(
    "requests.fill", .ratio, .higher, .quotient(.ratio(.requestsNeeded, of: .requests)), .target)
  /// From a refusal's answer to the record's next try.
  package static let retryGapP50 = Metric("retry.gap.p50", .nanoseconds, .higher, .retryGap(.p50), .target)
  package static let retryGapP99 = Metric("retry.gap.p99", .nanoseconds, .higher, .retryGap(.p99), .target)
  /// How much a producer retries in step: the largest share of an episode's retries within 10 ms.
  package static let retryTogether = Metric("retry.together", .ratio, .lower, .retriesTogether, .target)

  /// Every metric there is, in the order of the documentation.
  package static let all: [Metric] =
    LatencyKind.allCases.flatMap { kind in LatencyStatistic.allCases.map { .latency(kind, $0) } } + [
      .throttleRatio, .faultRatio, .lostRatio, .acceptedRate, .acceptedByteRate, .requestsRate, .requestsRecords,
      .retryAmplification, .duplicateRatio, .reorderRatio, .skewMax, .connectionsReused, .lostCount, .duplicateCount,
      .reorderCount,
      .requestsCount, .requestsFill, .retryGapP50, .retryGapP99, .retryTogether,
    ]

  /// Those that summaries, rows and pages show by the table.
  package static let columns: [(name: StaticString, metric: Metric)] = all.compactMap { metric in
    metric.column.map { ($0, metric) }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The metric called `name`, nil when there is none.
  package init?(name: String) {
    guard let metric = Metric.byName[name] else { return nil }
    self = metric
  }

  /// Whether it is counted over time, which goes on where nothing happens: so many a second, by the clock.
  package var isRate: Bool {
    if case .quotient(let quotient) = formula { quotient.divisor == .seconds } else { false }
  }

  /// The value over some time of so many seconds; `nil` for a metric that is no quotient, without a divisor, or where one
  /// of its counters is not known.
  package func value(of counts: some Counted, seconds: Double = 0) -> Double? {
    MetricQuotient(self, of: counts, seconds: seconds)?.value
  }

  package static func == (left: Metric, right: Metric) -> Bool { left.name == right.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// What a metric's values are counted in; tells readers and writers of thresholds how to spell them.
package enum MetricUnit: String, Hashable, Sendable {
  /// A duration; scenarios write `"150ms"`.
  case nanoseconds = "ns"
  /// A part of a whole, 0 to 1; scenarios write `0.01` or `"1%"`.
  case ratio
  case recordsPerSecond = "records/s"
  case bytesPerSecond = "bytes/s"
  case requestsPerSecond = "requests/s"
  case records
  case requests
  case recordsPerRequest = "records/request"
  /// A quotient of like things that may pass 1, such as 1.3 tries per record.
  case multiple = "x"
}
