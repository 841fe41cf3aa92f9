import Kinesis

/// One try of one record, filled in place by the driver as the answer is read.
public struct RecordObservation: Sendable {
  /// What the plan says of it; the first thing in the observation, so that a request's records can be read where they lie.
  public var planned: PlannedRecord
  /// The shard's index in the map: the one the answer names, else the one predicted from the key; -1 when neither is known.
  public var shard: Int32
  /// 1 for the first try.
  public var attempt: UInt16
  /// The record's error code in a 200 answer, as interned by the lane (`ErrorCodes`); 0 for none.
  public var code: UInt16
  /// What became of this try.
  public var outcome: AttemptOutcome
  /// Whether the record ended with this try, and how.
  public var end: RecordEnd
  /// True when `shard` was predicted because the answer named none.
  public var isPlacedByPrediction: Bool
  /// True when an earlier try of the record has an unknown fate.
  public var mayBeDuplicate: Bool

  /// Accepted at the first try, on a shard that the answer named.
  var isPlainSuccess: Bool {
    outcome == .accepted && attempt == 1 && end == .accepted && code == ErrorCodes.none && !isPlacedByPrediction
      && !mayBeDuplicate
  }

  /// A record before its first try: outcome unknown, no end, no shard.
  @inlinable
  public init(_ planned: PlannedRecord) {
    self.planned = planned
    shard = -1
    attempt = 1
    code = 0
    outcome = .unknown
    end = .none
    isPlacedByPrediction = false
    mayBeDuplicate = false
  }
}

/// What became of one try of one record.
public enum AttemptOutcome: UInt8, Sendable {
  /// The answer gave it a shard and a sequence number.
  case accepted
  /// Refused for the shard's limits, alone or with its whole request.
  case throttled
  /// Refused for any other reason, alone or with its whole request, or never sent because no connection came about.
  case fault
  /// Sent, but no usable answer came: it may have been accepted.
  case unknown
}

/// How a record's life ended; the five ends sum to what was planned.
public enum RecordEnd: UInt8, Sendable {
  /// Not yet: the record will be tried again.
  case none
  case accepted
  /// Failed for good: no retry left, or none configured.
  case gaveUp
  /// Older than the retry policy lets a record become.
  case expired
  /// Dropped by the late policy before its first try.
  case skipped
  /// Still waiting or in flight when the drain was over.
  case unfinished
}

/// One request, from the moment its batch should have been closed to the end of its answer. Times are nanoseconds since the
/// run's start.
package struct RequestObservation: Sendable {
  /// The batch's phase.
  package var phase: UInt16
  /// When the plan closes the batch; for a batch of retries the moment it came due.
  package var plannedClose: Int64
  /// When it was closed.
  package var closed: Int64
  /// How late that was by the generator's own fault, nanoseconds: not what the target's slowness or the pace of catching
  /// up put between `plannedClose` and `closed`.
  package var lateness: Int64
  /// When the message was encoded and signed.
  package var encoded: Int64
  /// When the first byte was written, which is the instant its tries are attempted; `nil` when none ever was.
  package var firstByte: Int64?
  /// When the answer's last byte was read; `nil` without a whole answer.
  package var lastByte: Int64?
  /// When the outcome was known: `lastByte`, or the moment of the failure. The instant its tries have their outcomes.
  package var ended: Int64
  /// HTTP status; 0 without one.
  package var status: UInt16
  /// What the answer amounts to.
  package var outcome: RequestOutcome
  /// The service's or the transport's error code, as interned by the lane (`ErrorCodes`); 0 for none.
  package var errorCode: UInt16
  /// Bytes written, the HTTP head included.
  package var bytesOnWire: Int
  /// Whether its connection had carried a request before.
  package var isOnReusedConnection = false

  /// A request of which nothing has happened yet but its closing.
  ///
  /// - Parameter lateness: `nil` for all of the time between `plannedClose` and `closed`.
  package init(phase: UInt16, plannedClose: Int64, closed: Int64, lateness: Int64? = nil) {
    self.phase = phase
    self.plannedClose = plannedClose
    self.closed = closed
    self.lateness = lateness ?? closed - plannedClose
    encoded = closed
    firstByte = nil
    lastByte = nil
    ended = closed
    status = 0
    outcome = .transport
    errorCode = 0
    bytesOnWire = 0
  }
}

/// What a request's answer amounts to.
package enum RequestOutcome: UInt8, Sendable, CaseIterable {
  /// 200, every record accepted.
  case allAccepted
  /// 200, some records accepted and some not.
  case partial
  /// 200, no record accepted, every one of them throttled.
  case allThrottled
  /// An error status, or 200 with no record accepted and not all throttled.
  case refused
  /// No usable answer: no connection, a reset, a time-out, a malformed or mismatching body.
  case transport
}

/// One connection made: how long that took, which no request's service time has in it.
package struct ConnectionObservation: Sendable, Equatable {
  /// From the attempt's start until a request could be sent, nanoseconds: TCP, the proxy where there is one, TLS.
  package var connect: Int64
  /// The part of it after TCP was connected, nanoseconds: the TLS handshake, and the proxy's answer before it. `nil`
  /// without encryption.
  package var handshake: Int64?
  /// Whether the handshake took up an earlier connection's session, which spares it the certificate.
  package var isResumed: Bool

  /// An observation.
  package init(connect: Int64, handshake: Int64?, isResumed: Bool) {
    self.connect = connect
    self.handshake = handshake
    self.isResumed = isResumed
  }
}

/// A change of the stream's open shards during a run, by their indices.
package struct ShardChange: Sendable, Hashable {
  /// When the first answer came that the map before did not predict, or else when the change was found; nanoseconds since
  /// the run's start.
  package var noticed: Int64
  /// When the shards were listed.
  package var listed: Int64
  package var opened: [Int]
  package var closed: [Int]

  /// A change.
  package init(noticed: Int64, listed: Int64, opened: [Int], closed: [Int]) {
    self.noticed = noticed
    self.listed = listed
    self.opened = opened
    self.closed = closed
  }
}
