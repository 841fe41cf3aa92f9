import Observations

/// What has arrived of a second that some lane has not finished yet.
struct PendingSecond {
  /// By phase.
  var slices: [Int: SecondSlice] = [:]
  /// The sum over the workers: their peaks need not fall together, so this is an upper bound.
  var inFlightMax: Int?
  /// The busiest worker's busy time in nanoseconds.
  var busiest: Int64?
  var isCapped = false
  var unsent: Int?
  var sendBufferFull: Int?
  var connections: Int?
  /// In nanoseconds, like the next.
  var connectMax: Int64?
  var handshakeMax: Int64?

  mutating func add(_ slice: SecondSlice) {
    if let present = slices[slice.phase] { present.add(slice) } else { slices[slice.phase] = slice }
  }

  mutating func add(_ health: HealthSecond) {
    inFlightMax = (inFlightMax ?? 0) + health.inFlightMax
    busiest = max(busiest ?? 0, health.busy)
    isCapped = isCapped || health.isCapped
    unsent = (unsent ?? 0) + health.unsent
    sendBufferFull = (sendBufferFull ?? 0) + health.sendBufferFull
    connections = (connections ?? 0) + health.connections
    if health.connections > 0 { connectMax = max(connectMax ?? 0, health.connectMax) }
    if let time = health.handshakeMax { handshakeMax = max(handshakeMax ?? 0, time) }
  }
}
