/// What the connections of a server have carried since it began, by version of HTTP.
package struct ConnectionCounts: Hashable, Sendable {
  /// The connections of one version.
  package struct Version: Hashable, Sendable {
    /// Connections on which data could flow; HTTP/2 calls them sessions.
    package var connections = 0
    /// Requests that were complete, and so reached the handler; in HTTP/2 each is a stream of its own.
    package var requests = 0
    /// Requests of the connection that carried most of them.
    package var mostRequests = 0

    /// Adds requests of one connection.
    mutating func add(requests: Int) {
      self.requests += requests
      mostRequests = max(mostRequests, requests)
    }
  }

  /// HTTP/1.0 and HTTP/1.1.
  package var http1 = Version()
  /// HTTP/2, agreed by ALPN or opened by its preface.
  package var http2 = Version()
  /// The most streams that were open at once on one connection.
  package var mostOpenStreams = 0
  /// Streams that clients gave up, by RST_STREAM.
  package var cancelledStreams = 0
  /// Streams ended by RST_STREAM because of what the client sent; faults on purpose and waits without end are not among them.
  package var refusedStreams = 0
  /// Connections of HTTP/2 ended by GOAWAY because of what the client sent.
  package var refusedSessions = 0

  /// Nothing yet.
  package init() {}
}

extension ConnectionCounts: CustomStringConvertible {
  /// One line that names what there was.
  package var description: String {
    var text = "HTTP/1.1: \(http1.requests) requests on \(http1.connections) connections"
    if http1.connections > 0 { text += ", at most \(http1.mostRequests) on one" }
    text += "; HTTP/2: \(http2.requests) requests in \(http2.connections) sessions"
    if http2.connections > 0 {
      text += ", at most \(http2.mostRequests) streams in one and \(mostOpenStreams) open at once; "
      text += "\(cancelledStreams) cancelled by clients, \(refusedStreams) refused, \(refusedSessions) sessions refused"
    }
    return text
  }
}
