/// What a metric's values are counted in; tells readers and writers of thresholds how to spell them.
package enum MetricUnit: String, Hashable, Sendable {
  /// A duration; scenarios write `"150ms"`.
  case nanoseconds = "ns"
  /// A part of a whole, 0 to 1; scenarios write `0.01` or `"1%"`.
  case ratio
  case recordsPerSecond = "records/s"
  case bytesPerSecond = "bytes/s"
  case requestsPerSecond = "requests/s"
  case records
  case requests
  case recordsPerRequest = "records/request"
  /// A quotient of like things that may pass 1, such as 1.3 tries per record.
  case multiple = "x"
}
