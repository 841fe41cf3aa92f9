import Dispatch
import StrictJSON
import Transport

/// The admin endpoint on a loopback port and a thread of its own, so that a busy target can still be changed.
final class AdminServer: Sendable {
  /// Where it listens: never anywhere else, since whoever reaches it can break the target.
  static let host = "127.0.0.1"

  private let server: HTTPServer
  private let running = DispatchGroup()

  /// Listens and serves at once.
  ///
  /// - Parameter port: 0 for any free one.
  init(port: UInt16, api: AdminAPI) throws(HTTPServerFailure) {
    var limits = HTTPServerLimits()
    limits.message.bodyBytes = 1 << 20
    limits.connections = 64
    server = try HTTPServer(host: Self.host, port: port, handler: Handler(api: api), limits: limits)
    DispatchQueue(label: "shardmeter.target.admin").async(group: running) { [server] in
      // Waiting fails only for lack of memory; the target itself goes on without its admin endpoint.
      try? server.run()
    }
  }

  /// Its URL.
  var url: String { "http://\(Self.host):\(server.port)" }

  /// Ends it and waits until it has.
  func stop() {
    server.stop()
    running.wait()
  }

  /// Carries requests to the rules and answers back.
  private final class Handler: HTTPHandler {
    private let api: AdminAPI

    init(api: AdminAPI) { self.api = api }

    func respond(to request: HTTPRequestView, into http: inout HTTPAnswer) {
      let path = request.target.prefix { $0 != UInt8(ascii: "?") }
      let answer = api.answer(
        method: String(decoding: request.method, as: UTF8.self), path: String(decoding: path, as: UTF8.self),
        body: Array(request.body))
      http.status = answer.status
      http.addField("Content-Type", "application/json" as StaticString)
      http.append(JSONWriter.pretty(answer.body) + "\n")
    }
  }
}
