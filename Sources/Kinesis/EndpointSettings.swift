/// How an endpoint behaves, as plain data: what the options of `target` and a scenario's `embedded` say.
package struct EndpointSettings: Hashable, Sendable {
  /// The limits of shards and requests.
  package var limits: LimitsProfile = .kinesis

  /// How long an answer takes; `nil` answers at once.
  package var latency: LatencyModel?

  /// Latencies of single shards by index, in place of `latency`. A request takes as long as its slowest shard.
  package var shardLatency: [Int: LatencyModel] = [:]

  /// What goes wrong on purpose. Each rule acts by itself.
  package var faults: [FaultRule] = []

  /// Bytes of records kept for GetRecords; 0 keeps none.
  package var retainedBytes: Int = 0

  /// Records per second of the first-in-first-out server in front of the latency; `nil` for no such server.
  package var capacityRecordsPerSecond: Double?

  /// An endpoint with the usual limits that answers at once.
  package init() {}
}
