import Measurement
import Observations

/// What a line of `timeseries.csv` is made of: everything that happened in a bin of time while one phase ran.
struct RowCounts {
  /// Records that came due.
  var planned = 0
  var counts = RunCounts()
  var latencies = LatencySet()
  /// The most shards that throttled in one second.
  private(set) var shardsThrottled = 0

  mutating func note(shardsThrottled count: Int) { shardsThrottled = max(shardsThrottled, count) }
}

extension TimeseriesRow {
  /// Takes over a line's counts and percentiles.
  mutating func fill(from row: RowCounts) {
    planned = row.planned
    (traffic, delivery) = (row.counts.traffic, row.counts.delivery)
    shardsThrottled = row.shardsThrottled
    let latencies = row.latencies
    let response = latencies.response
    responseP50Ms = response.milliseconds(at: .p50)
    responseP90Ms = response.milliseconds(at: .p90)
    responseP99Ms = response.milliseconds(at: .p99)
    responseP999Ms = response.milliseconds(at: .p999)
    responseMaxMs = response.milliseconds(at: .max)
    let service = latencies.serviceTimes.all
    serviceP50Ms = service.milliseconds(at: .p50)
    serviceP99Ms = service.milliseconds(at: .p99)
    let delivery = latencies.delivery
    deliveryP50Ms = delivery.milliseconds(at: .p50)
    deliveryP99Ms = delivery.milliseconds(at: .p99)
    latenessP99Ms = latencies.deliveryTimes.lateness.milliseconds(at: .p99)
    queueP99Ms = latencies.deliveryTimes.queue.milliseconds(at: .p99)
  }
}

extension Histogram {
  /// The value at a quantile in milliseconds; `nil` when nothing was recorded.
  func milliseconds(at quantile: Quantile) -> Double? { isEmpty ? nil : Double(value(at: quantile)) / 1e6 }
}
