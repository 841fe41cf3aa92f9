import Kinesis

/// What one shard is assumed to take in a second, as the reports draw it.
package struct AssumedLimits: Sendable, Hashable {
  /// `nil` for no limit.
  package var recordsPerSecond: Int?
  /// Data and partition keys; `nil` for no limit.
  package var bytesPerSecond: Int?

  /// Limits for every shard of a stream.
  package init(recordsPerSecond: Int?, bytesPerSecond: Int?) {
    self.recordsPerSecond = recordsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  /// The rates a limiter of this rule lets through in the long run.
  package init(_ rule: ShardLimiter.Rule) {
    switch rule {
    case .kinesis(let limits):
      self.init(recordsPerSecond: Int(limits.recordsPerSecond), bytesPerSecond: Int(limits.bytesPerSecond))
    case .window(let records, let bytes):
      self.init(recordsPerSecond: Int(records), bytesPerSecond: Int(bytes))
    case .none:
      self.init(recordsPerSecond: nil, bytesPerSecond: nil)
    }
  }

  /// How much of the limits a second's traffic uses, the nearer limit counting; `nil` without limits.
  package func use(records: Double, bytes: Double) -> Double? {
    let parts = [recordsPerSecond.map { records / Double($0) }, bytesPerSecond.map { bytes / Double($0) }]
    return parts.compactMap { $0 }.max()
  }
}
