import Measurement
import Observations

extension TimeseriesRow {
  /// Takes over a phase's counts and percentiles.
  mutating func fill(from phase: SecondEntry.Phase, _ latencies: LatencySet) {
    let counts = phase.counts
    firstTryRecords = counts.traffic.firstTries
    attemptedRecords = counts.traffic.attempted
    acceptedRecords = counts.traffic.accepted
    throttledRecords = counts.traffic.throttled
    faultRecords = counts.traffic.fault
    unknownRecords = counts.traffic.unknown
    gaveUpRecords = counts.delivery.gaveUp
    expiredRecords = counts.delivery.expired
    skippedRecords = counts.delivery.skipped
    unfinishedRecords = counts.delivery.unfinished
    attemptedBytes = counts.traffic.attemptedBytes
    acceptedBytes = counts.traffic.acceptedBytes
    requests = counts.traffic.requests
    requestsPartial = counts.traffic.requestsPartial
    requestsRefused = counts.traffic.requestsRefused
    transportErrors = counts.traffic.transportErrors
    shardsThrottled = phase.shardsThrottled
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

extension ShardSecondRow {
  /// Takes over a shard's counts.
  mutating func fill(from counts: ShardTraffic) {
    firstTryRecords = Int(counts.firstTries)
    attemptedRecords = Int(counts.attempted)
    acceptedRecords = Int(counts.accepted)
    throttledRecords = Int(counts.throttled)
    faultRecords = Int(counts.fault)
    unknownRecords = Int(counts.unknown)
    attemptedBytes = Int(counts.attemptedBytes)
  }
}

extension Histogram {
  /// The value at a quantile in milliseconds; `nil` when nothing was recorded.
  func milliseconds(at quantile: Quantile) -> Double? { isEmpty ? nil : Double(value(at: quantile)) / 1e6 }
}
