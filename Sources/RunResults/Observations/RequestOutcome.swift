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
