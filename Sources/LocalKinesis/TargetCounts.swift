import Synchronization

/// What an endpoint has done so far: counted by the thread that serves, read by any.
package final class TargetCounts: Sendable {
  /// The put operations of one stream.
  package struct Puts: Sendable, Equatable {
    /// PutRecord and PutRecords requests that reached the stream.
    package var requests = 0
    /// Records accepted, refused for throughput, and failed inside; those of a request refused as a whole are in none.
    package var accepted = 0
    package var throttled = 0
    package var failed = 0

    package init() {}
  }

  /// Everything that is counted.
  package struct Values: Sendable, Equatable {
    /// By stream.
    package var puts: [String: Puts] = [:]
    /// Calls of GetCallerIdentity, of STS, and PutMetricData, of CloudWatch.
    package var identities = 0
    package var metrics = 0

    package init() {}
  }

  private let current = Mutex(Values())

  /// Nothing counted yet.
  package init() {}

  /// The counts so far.
  package var values: Values { current.withLock { $0 } }

  /// Begins anew.
  package func reset() { current.withLock { $0 = Values() } }

  /// Adds a request to a stream with what became of its records.
  func add(_ puts: Puts, to stream: String) {
    current.withLock { values in
      values.puts[stream, default: Puts()].requests += puts.requests
      values.puts[stream, default: Puts()].accepted += puts.accepted
      values.puts[stream, default: Puts()].throttled += puts.throttled
      values.puts[stream, default: Puts()].failed += puts.failed
    }
  }

  /// Adds a call of another service.
  func add(_ call: SideCall) {
    current.withLock { values in
      if call == .callerIdentity { values.identities += 1 } else { values.metrics += 1 }
    }
  }
}

extension TargetCounts.Puts {
  /// Counts what a shard made of a record.
  mutating func count(_ outcome: Admission) {
    switch outcome {
    case .accepted: accepted += 1
    case .throttled: throttled += 1
    case .internalFailure: failed += 1
    }
  }
}
