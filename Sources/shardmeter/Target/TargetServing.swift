import Kinesis
import LocalKinesis
import Observations
import RunResults
import Transport

/// What `target` and `observe` do alike to serve the embedded endpoint.
enum TargetServing {
  /// What the options and the files they name say.
  ///
  /// - Parameter command: for messages.
  static func configuration(_ options: TargetOptions, command: String) throws -> EmbeddedTargetConfiguration {
    var configuration: EmbeddedTargetConfiguration
    do throws(UsageError) {
      configuration = try options.validated()
    } catch {
      var own = error
      own.command = command
      throw own
    }
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
    return configuration
  }

  /// The file that what arrives is written to, if one is wanted.
  static func recording(_ options: TargetOptions, _ context: Context) throws -> CaptureFile? {
    try options.recordFile.map {
      try CaptureFile($0, keys: options.keys ?? .hash, isDistinct: options.recordsDistinct, context: context)
    }
  }

  /// Listens at once.
  static func listening(
    _ configuration: EmbeddedTargetConfiguration, capture: TrafficCapture?, observer: ProducerObserver?,
    context: Context
  ) throws -> EmbeddedServer {
    do {
      return try reporting(port: "--port") {
        try EmbeddedServer(
          configuration, clock: context.clock, capture: capture, observer: observer, warn: { context.warn($0) })
      }
    } catch let failure as TLSFailure {
      throw CommandFailure("TLS: \(failure)", code: .usage)
    }
  }

  /// Says of an address that cannot be had which option helps: a port in use is the world's fault, an address that is not
  /// this machine's is the command line's.
  static func reporting<Server>(port option: String, _ listen: () throws -> Server) throws -> Server {
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
}
