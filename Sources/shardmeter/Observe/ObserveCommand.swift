import Dispatch
import Glibc
import Kinesis
import LocalKinesis
import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import StrictJSON
import Synchronization
import Transport

/// `shardmeter observe`: the embedded target around somebody else's producer.
enum ObserveCommand {
  static let command: Command = Command(
    "observe", abstract: "run somebody else's producer against the embedded target",
    discussion: discussion, table: ObserveOptions.table, defaults: ObserveOptions()
  ) { options, context in
    try Interruption.minding(context, nothing: "nothing was observed") { interruption in
      try perform(options, context, interruption)
    }
  }

  private static func perform(
    _ options: ObserveOptions, _ context: Context, _ interruption: Interruption
  ) throws -> ExitCode {
    try options.validate()
    var configuration = try TargetServing.configuration(options.target, command: "observe")
    configuration.beginsWithRecords = true
    let thresholds = try options.gate.map(gate) ?? []
    let (names, count) = try expectation(options)
    var settings = options.target.observing.settings(keys: options.target.keys)
    settings.expected = names
    let environment = context.environment
    guard let program = options.command.first,
      ObservedCommand.find(program, in: environment["PATH"] ?? "/usr/bin:/bin") != nil
    else { throw CommandFailure("\(options.command.first ?? ""): no such command", code: .usage) }

    let observer = ProducerObserver(settings)
    let recording = try TargetServing.recording(options.target, context)
    let server = try TargetServing.listening(
      configuration, capture: recording?.capture, observer: observer, context: context)
    let serving = Serving(server)
    defer { serving.stop() }
    let trust = try server.certificatePEM.map { try TrustFile(pem: $0, folder: environment["TMPDIR"] ?? "/tmp") }
    defer { trust?.remove() }
    let command = try ObservedCommand(
      options.command,
      environment: ObservedEnvironment.make(
        environment, url: server.url, region: configuration.region,
        accessKey: configuration.credentials?.accessKeyID ?? "test",
        secretKey: configuration.credentials?.secretAccessKey ?? "test", trust: trust?.path,
        allServices: options.redirectsAllServices), clock: context.clock)
    interruption.onRequest { command.stop() }
    let ended = command.wait(time: options.time, timeout: options.timeout)
    interruption.onRequestGoOn()
    waitUntilQuiet(observer, options, context, interruption)
    serving.stop()
    if let failure = serving.failure { throw failure }
    let isRecorded = recording?.finish(context) ?? true

    var about = SummaryCommand()
    about.line = MaskedCommandLine.text(program: program, arguments: Array(options.command.dropFirst()))
    about.exitCode = ended.exitCode
    about.endedBy = ended.ending.rawValue
    about.seconds = ended.seconds
    var results = ObservedResults(
      context: context, configuration: configuration, options: options.target.observing, thresholds: thresholds)
    results.fallbackFolder = RunOptions.defaultResultsFolder
    let run = try results.finish(
      observer, command: about, expectedCount: count, isInterrupted: interruption.isRequested)
    interruption.onRequestLeave()
    RunReports.show(run, output: options.output, context: context)
    ContinuousIntegration.publish(run, context: context)
    let code = run.summary.flatMap { ExitCode(rawValue: $0.exitCode) } ?? .internalError
    return ExitCode.first(of: [code, isRecorded ? .ok : .internalError])
  }

  /// Waits until no records have come for as long as the options say, at most ten times that: what the command handed to
  /// others may still be under way.
  private static func waitUntilQuiet(
    _ observer: ProducerObserver, _ options: ObserveOptions, _ context: Context, _ interruption: Interruption
  ) {
    let began = context.clock.now()
    while !interruption.isRequested {
      let now = context.clock.now()
      let last = max(observer.lastPutAt ?? .min, began.nanoseconds)
      guard now.nanoseconds - last < options.quiet.value, (now - began).value < 10 * options.quiet.value else { return }
      usleep(5_000)
    }
  }

  private static func gate(_ path: String) throws -> [Threshold] {
    do {
      return try ThresholdDecoder.gate(FileReader.read(path, atMost: 1 << 20), source: path)
    } catch let failure as FileReader.Failure {
      throw CommandFailure("--gate \(path): \(failure)", code: .usage)
    }
  }

  /// What must arrive: by name, or how many.
  private static func expectation(_ options: ObserveOptions) throws -> (ExpectedRecords?, Int?) {
    switch options.expected {
    case nil: return (nil, nil)
    case .count(let count): return (nil, count)
    case .file(let path):
      let bytes: [UInt8]
      do {
        bytes = try FileReader.read(path, atMost: 1 << 30)
      } catch {
        throw CommandFailure("--expect \(path): \(error)", code: .usage)
      }
      var seen: Set<String> = []
      var names: [String] = []
      let isHash = options.target.observing.recordID == nil
      for (index, line) in String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false
      ).enumerated() {
        let name = line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
        guard !name.isEmpty else { continue }
        if isHash, name.utf8.count != 64 || !name.utf8.allSatisfy({ isHexDigit($0) }) {
          throw CommandFailure(
            "--expect \(path): line \(index + 1): expected the SHA-256 of a record's data in 64 lower-case hexadecimal digits, "
              + "found \(JSONNode.quoted(name)); with --record-id the lines are identifiers", code: .usage)
        }
        guard seen.insert(name).inserted else {
          throw CommandFailure(
            "--expect \(path): line \(index + 1): expected a record that was not named before, found "
              + "\(JSONNode.quoted(name)) again", code: .usage)
        }
        names.append(name)
      }
      guard !names.isEmpty else { throw CommandFailure("--expect \(path): it names no record", code: .usage) }
      return (ExpectedRecords(names: names), nil)
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static let discussion = """
    The command's output stays its own. It gets AWS_ENDPOINT_URL_KINESIS, a region
    and test keys, and no credentials: profiles, session tokens, web identity,
    container and instance credentials are taken out of its environment. Signals
    are passed on to it, and what it leaves running in its process group is ended
    with it.

    Exit codes: 0 the command succeeded and every gate holds, 2 no such command or
    a wrong gate, 3 a gate failed, 5 it sent nothing or did not end in time, 7 it
    failed.
    """
}

/// A server that serves on a thread of its own.
private final class Serving: Sendable {
  private let server: EmbeddedServer
  private let group = DispatchGroup()
  private let caught = Mutex<(any Error)?>(nil)

  init(_ server: EmbeddedServer) {
    self.server = server
    DispatchQueue(label: "shardmeter.observe.target").async(group: group) { [self] in
      do { try server.run() } catch { caught.withLock { $0 = error } }
    }
  }

  /// Why it ended by itself.
  var failure: (any Error)? { caught.withLock { $0 } }

  /// Ends it and waits until it has.
  func stop() {
    server.stop()
    group.wait()
  }
}
