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

/// A number that thresholds, comparisons and reports know by name.
package enum Metric: Hashable, Sendable {
  /// `response.p99` and the like: one statistic of one kind of latency.
  case latency(LatencyKind, LatencyStatistic)
  /// `throttle.ratio`: throttled tries among all tries that were answered.
  case throttleRatio
  /// `fault.ratio`: tries that failed for another reason than throttling.
  case faultRatio
  /// `lost.ratio`: records that were never accepted, of those planned.
  case lostRatio
  /// `accepted.rate`: accepted records per second.
  case acceptedRate
  /// `accepted.byteRate`: accepted bytes (data and key) per second.
  case acceptedByteRate
  /// `requests.rate`: requests per second.
  case requestsRate
  /// `requests.records`: records per request, the mean.
  case requestsRecords
  /// `retry.amplification`: tries per first try.
  case retryAmplification
  /// `duplicate.ratio`: records that were accepted more than once, or may have been.
  case duplicateRatio
  /// `reorder.ratio`: accepted records that overtook an earlier one of their key.
  case reorderRatio
  /// `skew.max`: the hottest shard's load over the mean shard's.
  case skewMax

  /// Every metric there is, in the order of the documentation.
  package static let all: [Metric] =
    LatencyKind.allCases.flatMap { kind in LatencyStatistic.allCases.map { .latency(kind, $0) } } + [
      .throttleRatio, .faultRatio, .lostRatio, .acceptedRate, .acceptedByteRate, .requestsRate, .requestsRecords,
      .retryAmplification, .duplicateRatio, .reorderRatio, .skewMax,
    ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The metric called `name`, nil when there is none.
  package init?(name: String) {
    guard let metric = Metric.byName[name] else { return nil }
    self = metric
  }

  /// The name in scenarios, summaries and reports.
  package var name: String {
    switch self {
    case .latency(let kind, let statistic): "\(kind.rawValue).\(statistic.rawValue)"
    case .throttleRatio: "throttle.ratio"
    case .faultRatio: "fault.ratio"
    case .lostRatio: "lost.ratio"
    case .acceptedRate: "accepted.rate"
    case .acceptedByteRate: "accepted.byteRate"
    case .requestsRate: "requests.rate"
    case .requestsRecords: "requests.records"
    case .retryAmplification: "retry.amplification"
    case .duplicateRatio: "duplicate.ratio"
    case .reorderRatio: "reorder.ratio"
    case .skewMax: "skew.max"
    }
  }

  /// What its values are counted in.
  package var unit: MetricUnit {
    switch self {
    case .latency: .nanoseconds
    case .throttleRatio, .faultRatio, .lostRatio, .duplicateRatio, .reorderRatio: .ratio
    case .acceptedRate: .recordsPerSecond
    case .acceptedByteRate: .bytesPerSecond
    case .requestsRate: .requestsPerSecond
    case .requestsRecords: .recordsPerRequest
    case .retryAmplification, .skewMax: .multiple
    }
  }

  /// Which way it gets better: what `worse` means in a comparison.
  package var better: MetricDirection {
    switch self {
    case .acceptedRate, .acceptedByteRate, .requestsRate, .requestsRecords: .higher
    case .latency, .throttleRatio, .faultRatio, .lostRatio, .retryAmplification, .duplicateRatio, .reorderRatio,
      .skewMax:
      .lower
    }
  }

  /// Whether it is a quotient of counters, so that any second, window or shard has a value of its own without a
  /// histogram: only these can have a `window`.
  package var isRatioOrRate: Bool {
    switch unit {
    case .ratio, .recordsPerSecond, .bytesPerSecond, .requestsPerSecond: true
    case .nanoseconds, .recordsPerRequest, .multiple: false
    }
  }
}
