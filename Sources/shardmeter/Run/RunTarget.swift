import Kinesis
import LoadDriver
import Measurement
import Scenarios
import Transport

/// Where a run sends its records: the endpoint, the keys that sign for it, and the process that serves it when it is the
/// embedded one.
struct RunTarget {
  /// The endpoint, its addresses, and whom to trust there.
  let destination: Destination
  /// The region in signatures.
  let region: String
  /// Nil sends unsigned requests.
  let credentials: Credentials?
  /// The embedded endpoint's process; ended with `close`.
  let child: ChildProcess?

  /// The endpoint's address.
  var url: String { destination.endpoint.url }
  /// Whether every address is this machine's own.
  var isLoopback: Bool { destination.addresses.allSatisfy(\.isLoopback) }
  /// Whether this program serves the endpoint itself.
  var isEmbedded: Bool { child != nil }

  /// The region signed for where none is known: only the embedded endpoint and emulators are reached without one.
  private static let defaultRegion = "us-east-1"
  /// How long the embedded endpoint may take until it listens.
  private static let startTimeout: Int32 = 10_000

  /// Starts the embedded endpoint, or finds the one that was named; nothing is sent yet.
  ///
  /// - Throws: `CommandFailure` 2 for an address or keys that cannot be, 6 for an endpoint that cannot be had.
  static func open(_ options: RunOptions, input: ScenarioInput, context: Context) throws -> RunTarget {
    let resolver = CredentialsResolver(environment: context.environment, readFile: FileReader.bytes(at:))
    let known = options.region ?? resolver.region(profile: options.profile)
    let region = known ?? defaultRegion
    var child: ChildProcess?
    let url: String
    switch options.target {
    case .url(let given):
      url = given
    case .embedded:
      let started = try startEmbedded(options, input: input, region: region, context: context)
      child = started.child
      url = started.url
    case .aws:
      url = try awsEndpoint(environment: context.environment, region: known)
    }
    do {
      let endpoint = try Endpoint(url: url)
      let addresses = try NameResolution.addresses(of: endpoint)
      let isLoopback = addresses.allSatisfy(\.isLoopback)
      let credentials =
        options.isUnsigned ? nil : try resolver.resolve(profile: options.profile, isLoopback: isLoopback)
      return RunTarget(
        destination: Destination(endpoint: endpoint, addresses: addresses, tls: try tls(endpoint, options)),
        region: region, credentials: credentials, child: child)
    } catch let failure as TLSFailure {
      throw CommandFailure("\(options.certificateFile.map { "--ca-file \($0): " } ?? "")\(failure)", code: .usage)
    } catch let failure as EndpointFailure {
      throw CommandFailure("--target \(url): \(failure)", code: .usage)
    } catch let failure as NameResolution.Failure {
      throw CommandFailure("\(failure)", code: .unreachable)
    } catch let failure as CredentialsFailure {
      throw CommandFailure("\(failure)", code: .usage)
    }
  }

  /// What connections share where they are encrypted.
  private static func tls(_ endpoint: Endpoint, _ options: RunOptions) throws(TLSFailure) -> TLSClientContext? {
    guard endpoint.scheme == .https else { return nil }
    let trust: TLSClientContext.Trust =
      options.isInsecure ? .anyone : options.certificateFile.map { .file($0) } ?? .system
    return try TLSClientContext(host: endpoint.host, trust: trust)
  }

  /// Ends the embedded endpoint, if this run started it.
  func close() {
    _ = child?.end()
  }

  /// Starts this program's own `target` command on a free loopback port and waits until it listens.
  private static func startEmbedded(
    _ options: RunOptions, input: ScenarioInput, region: String, context: Context
  ) throws -> (child: ChildProcess, url: String) {
    let words = EmbeddedTargetWords.words(
      for: input.scenario, stream: options.stream ?? input.scenario.stream.name, region: region,
      shardMap: input.shardMapFile, allowsUnsigned: options.isUnsigned,
      retainedBytes: options.readsBack ? RetainedMemory.bytes(input.scenario) : nil)
    let child: ChildProcess
    do {
      child = try ChildProcess(
        executable: context.executable, arguments: ["shardmeter"] + words, environment: context.environment)
    } catch {
      throw CommandFailure("the embedded target did not start: \(error)", code: .unreachable)
    }
    let prefix = "listening on "
    guard let line = child.firstLine(milliseconds: startTimeout), line.hasPrefix(prefix) else {
      throw CommandFailure("the embedded target did not say where it listens", code: .unreachable)
    }
    return (child, String(line.dropFirst(prefix.count)))
  }

  /// The endpoint of `--target aws`: the variables that name one, else the region's.
  private static func awsEndpoint(environment: [String: String], region: String?) throws -> String {
    for name in ["AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL"] {
      if let url = environment[name], !url.isEmpty { return url }
    }
    guard let region else {
      throw CommandFailure(
        "--target aws needs a region: give --region, or set AWS_REGION or the profile's region", code: .usage)
    }
    return "https://kinesis.\(region).amazonaws.com"
  }
}
