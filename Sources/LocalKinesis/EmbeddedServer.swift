import Dispatch
import Glibc
import Kinesis
import Measurement
import Transport

/// The embedded endpoint on a socket: made, it listens; `run()` serves until `stop()`.
///
/// `@unchecked Sendable`: the HTTP server may be stopped from any thread by its own contract, everything else is
/// immutable; the service behind it is used by the thread inside `run()` alone.
package final class EmbeddedServer: @unchecked Sendable {
  private let server: HTTPServer
  private let configuration: EmbeddedTargetConfiguration

  /// Changes faults, latency and capacity while the endpoint serves. Safe from any thread.
  package let control: BehaviourControl
  /// What was done so far. Safe from any thread.
  package let counts = TargetCounts()
  /// The certificate that clients have to trust, as PEM, when the endpoint made its own.
  package let certificatePEM: String?

  /// Listens at once; connections wait until `run()`.
  ///
  /// - Parameters:
  ///   - capture: takes the records that arrive, on the thread of `run()`.
  ///   - observer: watches what comes; nil when nobody does.
  ///   - warn: called with what a person should know while it serves, once each, on the thread of `run()`.
  /// - Throws: `HTTPServerFailure` when the address cannot be had, `TLSFailure` when certificate or key cannot be used,
  ///   `ShardMapFailure` when the configured shard ranges are not whole.
  package init(
    _ configuration: EmbeddedTargetConfiguration, clock: any MonotonicClock = SystemClock(),
    capture: TrafficCapture? = nil, observer: ProducerObserver? = nil,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.configuration = configuration
    control = BehaviourControl(configuration.settings)
    let tls: TLSServerContext?
    switch configuration.certificate {
    case nil:
      (tls, certificatePEM) = (nil, nil)
    case .files(let certificate, let key):
      (tls, certificatePEM) = (try TLSServerContext(certificateFile: certificate, keyFile: key), nil)
    case .selfSigned:
      let certificate = try SelfSignedCertificate(names: Self.certificateNames(host: configuration.host))
      (tls, certificatePEM) = (try TLSServerContext(certificate), try certificate.certificatePEM())
    }
    let access = WebAccess(configuration, isLoopback: Self.isLoopback(configuration.host))
    let wall = WallTime.now()
    let handler: any HTTPHandler
    let time = ServiceTime(nanoseconds: clock.now().nanoseconds, microseconds: wall.microsecondsSinceEpoch)
    if let records = configuration.nullRecords {
      handler = try NullHandler(
        records: records, configuration, access: access, control: control, at: time)
    } else {
      handler = ServiceHandler(
        try EmbeddedService(
          configuration, access: access, at: time, counts: counts, capture: capture, observer: observer, warn: warn),
        control: control, clock: clock)
    }
    server = try HTTPServer(
      host: configuration.host, port: configuration.port, handler: handler, limits: Self.limits, tls: tls,
      clock: clock, notice: { warn(Self.text(of: $0)) })
  }

  /// Whether only this machine reaches what listens on a host: all its addresses are loopback ones.
  package static func isLoopback(_ host: String) -> Bool {
    let endpoint = Endpoint(scheme: .http, host: host, port: 0)
    return (try? NameResolution.addresses(of: endpoint))?.allSatisfy(\.isLoopback) ?? false
  }

  private static func text(of notice: HTTPServerNotice) -> String {
    switch notice {
    case .outOfDescriptors(let limit):
      "out of file descriptors (the limit is \(limit)): further connections wait until others end"
    }
  }

  /// The port listened on: the one asked for, or the free one found for 0.
  package var port: UInt16 { server.port }

  /// The endpoint's URL.
  package var url: String {
    let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    return "\(configuration.certificate == nil ? "http" : "https")://\(host):\(port)"
  }

  /// The line that says the endpoint is ready; a parent process waits for it.
  package var readyLine: String { "listening on \(url)" }

  /// Serves until `stop()`, or until the parent is gone when that is watched.
  package func run() throws {
    if configuration.parentWatch == .standardInput { stopWhenStandardInputCloses() }
    try server.run()
  }

  /// What connections have carried, by version of HTTP; exact once `run()` has returned. Safe from any thread.
  package var connectionCounts: ConnectionCounts { server.counts }

  /// Ends `run()`: answers under way are finished, connections closed. Safe from any thread.
  package func stop() {
    server.stop()
  }

  /// More connections than the ten thousand that may lie idle, so that there is room for those that work.
  private static let limits = {
    var limits = HTTPServerLimits()
    limits.connections = 16_384
    return limits
  }()

  /// Whom a certificate made here names: the address listened on, and the ways to say "this machine".
  private static func certificateNames(host: String) -> [String] {
    let local = ["localhost", "127.0.0.1", "::1"]
    return local.contains(host) ? local : [host] + local
  }

  /// Reads standard input to its end on a thread of its own: the other end of the pipe closes with the parent, whatever
  /// ended it, a kill included.
  private func stopWhenStandardInputCloses() {
    DispatchQueue(label: "shardmeter.target.parent-watch").async { [server] in
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count > 0 || (count < 0 && errno == EINTR) { continue }
        break
      }
      server.stop()
    }
  }
}
