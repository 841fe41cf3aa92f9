/// When a request's bytes moved, nanoseconds since the run's start.
struct RequestStamps {
  /// The first byte of the request was written; nil when none ever was.
  var firstByte: Int64?
  /// The last byte of the answer was read; nil without a whole answer.
  var lastByte: Int64?
  /// The outcome was known.
  var ended: Int64
}
