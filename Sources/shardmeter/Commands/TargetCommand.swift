import Kinesis
import LocalKinesis
import Observations
import Reporting
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
    let configuration = try TargetServing.configuration(options, command: "target")
    let recording = try TargetServing.recording(options, context)
    let observer = observer(options, configuration)
    let server = try TargetServing.listening(
      configuration, capture: recording?.capture, observer: observer, context: context)
    interruption.onRequest(isAnnounced: false) { server.stop() }
    let trust = try server.certificatePEM.map {
      try TrustFile(pem: $0, folder: context.environment["TMPDIR"] ?? "/tmp")
    }
    defer { trust?.remove() }
    let admin = try options.adminPort.map { port in
      try TargetServing.reporting(port: "--admin-port") {
        try AdminServer(
          port: port, api: AdminAPI(control: server.control, initial: configuration.settings, counts: server.counts),
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
    let isHeard = configuration.parentWatch == .none
    if isHeard { context.standardOutput.writeLine("served \(server.connectionCounts)") }
    let isRecorded = recording?.finish(context) ?? true
    if let observer { try tell(observer, options, configuration, context, isHeard: isHeard) }
    return isRecorded ? .ok : .internalError
  }

  /// What watches: everything where a folder is wanted, else as little as the lines at the end take. The target of a run is
  /// observed by the run itself.
  private static func observer(
    _ options: TargetOptions, _ configuration: EmbeddedTargetConfiguration
  ) -> ProducerObserver? {
    guard !options.readsInput, configuration.nullRecords == nil else { return nil }
    var settings = options.observing.settings(keys: options.keys)
    settings.identifies = options.observing.wantsFolder
    return ProducerObserver(settings)
  }

  /// Says what was seen and writes the folder, if one is wanted.
  private static func tell(
    _ observer: ProducerObserver, _ options: TargetOptions, _ configuration: EmbeddedTargetConfiguration,
    _ context: Context, isHeard: Bool
  ) throws {
    guard isHeard || options.observing.wantsFolder else { return }
    let results = ObservedResults(context: context, configuration: configuration, options: options.observing)
    let run = try results.finish(observer, isInterrupted: false)
    guard isHeard else { return }
    context.standardOutput.write(ObservedText.lines(run, charset: context.standardOutput.charset))
    if options.observing.wantsFolder { context.standardOutput.writeLine("report     \(run.folder)/report.html") }
  }

  private static let discussion = """
    The first line on standard output is "listening on http://ADDRESS:PORT" (https
    with TLS); then "CA certificate FILE" with --tls-self-signed and "admin API on
    URL" with --admin-port. SIGTERM or Ctrl-C stops it; the last line says what was
    served, by version of HTTP. It speaks HTTP/1.1 and HTTP/2 on the same port.

    The admin API: GET URL shows latency, shardLatency, faults and capacity as a
    scenario's "embedded" writes them; PATCH changes those it is given, PUT also
    takes away the others, DELETE goes back to the options. Spans of faults count
    from the change. GET /healthz answers while it serves, GET /report shows what it
    has done, POST /reset lets it begin anew as after its start.
    """
}
