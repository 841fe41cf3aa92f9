/// One worker's share of what the scenario's `client` allows the whole run.
package struct EngineLimits: Sendable, Equatable {
  /// Connections of this worker, at least 1.
  package var connections: Int
  /// The most requests on the wire plus closed batches waiting for a connection, at least 1.
  package var maximumInFlight: Int
  /// How long one request may take, nanoseconds.
  package var timeout: Int64

  package init(connections: Int, maximumInFlight: Int, timeout: Int64) {
    self.connections = connections
    self.maximumInFlight = maximumInFlight
    self.timeout = timeout
  }

  /// Deals the scenario's totals onto workers: sums are kept, shares differ by at most one, none is empty.
  ///
  /// - Parameters:
  ///   - connections: all connections of the run; fewer than workers means fewer workers.
  ///   - maximumInFlight: the cap of the run.
  ///   - timeout: of one request, nanoseconds.
  ///   - workers: how many workers are wanted.
  ///   - producers: logical producers; a worker without one would have nothing to do.
  package static func shares(
    connections: Int, maximumInFlight: Int, timeout: Int64, workers: Int, producers: Int
  ) -> [EngineLimits] {
    let count = max(1, min(workers, producers, connections, maximumInFlight))
    return (0..<count).map { worker in
      EngineLimits(
        connections: share(of: connections, worker, count),
        maximumInFlight: share(of: maximumInFlight, worker, count), timeout: timeout)
    }
  }

  private static func share(of total: Int, _ worker: Int, _ count: Int) -> Int {
    total / count + (worker < total % count ? 1 : 0)
  }
}
