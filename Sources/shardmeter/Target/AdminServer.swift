import Dispatch
import LocalKinesis
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
  /// - Parameters:
  ///   - port: 0 for any free one.
  ///   - access: the names of its host under which it answers.
  init(port: UInt16, api: AdminAPI, access: WebAccess) throws(HTTPServerFailure) {
    var limits = HTTPServerLimits()
    limits.message.bodyBytes = 1 << 20
    limits.connections = 64
    server = try HTTPServer(host: Self.host, port: port, handler: Handler(api: api, access: access), limits: limits)
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
    private let access: WebAccess

    init(api: AdminAPI, access: WebAccess) { (self.api, self.access) = (api, access) }

    func respond(to request: HTTPRequestView, into http: inout HTTPAnswer) {
      let path = request.target.prefix { $0 != UInt8(ascii: "?") }
      let method = String(decoding: request.method, as: UTF8.self)
      let answer =
        refusal(of: request, method: method)
        ?? api.answer(method: method, path: String(decoding: path, as: UTF8.self), body: Array(request.body))
      http.status = answer.status
      http.addField("Content-Type", "application/json" as StaticString)
      http.append(JSONWriter.pretty(answer.body) + "\n")
    }

    /// What a web page may not do: reach it under another name, or change anything from another origin. What a foreign page
    /// only asks for, its browser does not let it read.
    private func refusal(of request: HTTPRequestView, method: String) -> AdminAPI.Answer? {
      let host = request.fields["host"]
      guard let host, access.admits(host: host) else {
        return AdminAPI.refusal(403, "not reached under this host: start with --allow-host to allow a name")
      }
      guard method != "GET", method != "HEAD", let origin = request.fields["origin"] else { return nil }
      guard !WebAccess.isSame(origin: origin, host: host) else { return nil }
      return AdminAPI.refusal(403, "pages of other origins may not use the admin API")
    }
  }
}
