/// What a server notices that a person should know; it tells each kind once.
package enum HTTPServerNotice: Hashable, Sendable {
  /// A connection could not be taken: the process has as many descriptors open as it may.
  case outOfDescriptors(limit: Int)
  /// A client opened HTTP/2, by its first words or by offering nothing else while encryption was agreed.
  case clientOfHTTP2
}
