import Kinesis
import LocalKinesis
import Observations
import RunResults
import Scenarios
import Transport

/// `shardmeter target`: the embedded endpoint as a process.
enum TargetCommand {
  static let command: Command = Command(
    "target", abstract: "serve the embedded endpoint", discussion: discussion, table: TargetOptions.table,
    defaults: TargetOptions()
  ) { options, context in
    try Interruption.minding(context, nothing: "nothing was served") { interruption in
      try serve(options, context, interruption)
    }
  }

  private static func serve(
    _ options: TargetOptions, _ context: Context, _ interruption: Interruption
  ) throws -> ExitCode {
    var configuration = try options.validated()
    if options.readsInput {
      guard let line = FileReader.firstLineOfStandardInput(atMost: 64 << 20) else {
        throw CommandFailure("--from-input: standard input has no whole line of at most 64 MiB", code: .usage)
      }
      try EmbeddedTargetDocument(bytes: line, source: "standard input").apply(to: &configuration)
    }
    if let file = options.shardMapFile {
      // They are numbered anew, from 0 in the order of their ranges.
      configuration.ranges = try ShardMapFile.read(file).shards.map(\.range)
      try options.checkShards(of: configuration)
    }
    // As many connections as the system allows; with fewer the target still serves.
    _ = try? ProcessUsage.raiseDescriptorLimit()
    if case .files(let certificate, let key)? = configuration.certificate {
      try PEMFile.check(certificate, option: "--tls-cert")
      try PEMFile.check(key, option: "--tls-key")
    }
    let recording = try options.recordFile.map {
      try CaptureFile($0, keys: options.keys ?? .hash, isDistinct: options.recordsDistinct, context: context)
    }
    let server = try listening(configuration, capture: recording?.capture, context: context)
    interruption.onRequest(isAnnounced: false) { server.stop() }
    let trust = try server.certificatePEM.map {
      try TrustFile(pem: $0, folder: context.environment["TMPDIR"] ?? "/tmp")
    }
    defer { trust?.remove() }
    let admin = try options.adminPort.map { port in
      try reporting(port: "--admin-port") {
        try AdminServer(
          port: port, api: AdminAPI(control: server.control, initial: configuration.settings),
          access: WebAccess(adminAllowing: configuration.allowedHosts))
      }
    }
    defer { admin?.stop() }
    if !EmbeddedServer.isLoopback(configuration.host) {
      context.warn(
        "listening on \(configuration.host), which other machines may reach; its test keys protect nothing")
    }
    context.standardOutput.writeLine(server.readyLine)
    if let trust { context.standardOutput.writeLine("CA certificate \(trust.path)") }
    if let admin { context.standardOutput.writeLine("admin API on \(admin.url)\(AdminAPI.path)") }
    try server.run()
    // A parent that has gone reads no more.
    if configuration.parentWatch == .none { context.standardOutput.writeLine("served \(server.connectionCounts)") }
    return recording?.finish(context) ?? true ? .ok : .internalError
  }

  private static func listening(
    _ configuration: EmbeddedTargetConfiguration, capture: TrafficCapture?, context: Context
  ) throws -> EmbeddedServer {
    do {
      return try reporting(port: "--port") {
        try EmbeddedServer(configuration, clock: context.clock, capture: capture, warn: { context.warn($0) })
      }
    } catch let failure as TLSFailure {
      throw CommandFailure("TLS: \(failure)", code: .usage)
    }
  }

  /// Says of an address that cannot be had which option helps: a port in use is the world's fault, an address that is not
  /// this machine's is the command line's.
  private static func reporting<Server>(port option: String, _ listen: () throws -> Server) throws -> Server {
    do {
      return try listen()
    } catch let failure as HTTPServerFailure {
      switch failure {
      case .addressInUse(let host, let port):
        throw CommandFailure(
          "port \(port) of \(host) is in use: choose another with \(option) PORT, or any free one with \(option) 0",
          code: .unreachable)
      case .notPermitted(let port):
        throw CommandFailure(
          "port \(port) needs more rights than this process has: choose one from 1024 on with \(option) PORT",
          code: .unreachable)
      case .addressNotAvailable, .nameNotResolved:
        throw CommandFailure("--host: \(failure)", code: .usage)
      case .system:
        throw CommandFailure("cannot listen: \(failure)", code: .internalError)
      }
    }
  }

  private static let discussion = """
    The first line on standard output is "listening on http://ADDRESS:PORT" (https
    with TLS); then "CA certificate FILE" with --tls-self-signed and "admin API on
    URL" with --admin-port. SIGTERM or Ctrl-C stops it; the last line says what was
    served, by version of HTTP. It speaks HTTP/1.1 and HTTP/2 on the same port.

    The admin API: GET URL shows latency, shardLatency, faults and capacity as a
    scenario's "embedded" writes them; PATCH changes those it is given, PUT also
    takes away the others, DELETE goes back to the options. Spans of faults count
    from the change.
    """
}
