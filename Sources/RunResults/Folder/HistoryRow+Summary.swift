import Observations

extension HistoryRow {
  /// The line of a finished run.
  package init(_ summary: Summary) {
    self.init()
    runID = summary.runID
    timeUTC = summary.time.start
    scenario = summary.scenario?.name ?? ""
    workloadSHA256 = summary.scenario?.sha256 ?? ""
    version = summary.tool.version
    complete = summary.complete
    verdict = summary.verdict
    validity = summary.validity ?? ""
    exitCode = summary.exitCode
    shards = summary.target.shards
    measuredS = summary.time.measuredS
    plannedRecords = summary.records.planned ?? summary.records.distinct ?? 0
    attemptedRecords = summary.records.traffic.attempted
    acceptedRecords = summary.records.traffic.accepted
    throttleRatio = summary.rates.throttleRatio
    lostRatio = summary.rates.lostRatio
    acceptedRecordsPerS = summary.rates.acceptedRecordsPerS
    responseP50Ms = summary.latencyMs.response?.p50
    responseP99Ms = summary.latencyMs.response?.p99
    kind = summary.kind
    deliveryP99Ms = summary.latencyMs.delivery?.p99
  }
}
