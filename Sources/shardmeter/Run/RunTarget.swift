import Glibc
import Kinesis
import LoadDriver
import Measurement
import RunResults
import Scenarios
import StreamAccess
import StrictJSON
import Transport

/// Where a run sends its records: the endpoint, the keys that sign for it, and the process that serves it when it is the
/// embedded one.
struct RunTarget {
  /// The endpoint of data, its addresses, and whom to trust there.
  let destination: Destination
  /// The endpoint of all operations but those on data; mostly the same.
  let control: Destination
  /// The region in signatures.
  let region: String
  /// What signs requests; holds nothing where they are unsigned.
  let credentials: CurrentCredentials
  /// Asks for credentials anew where they end; nil where they cannot be renewed.
  let credentialsSource: CredentialsSource?
  private let fetcher: CredentialsFetcher
  /// Whether every address is this machine's own.
  let isLoopback: Bool
  /// The embedded endpoint's process; ended with `close`.
  let child: ChildProcess?
  /// The one clock of all latencies.
  let clock: any MonotonicClock
  /// For labels and signatures.
  let wallTime: @Sendable () -> WallTime

  /// The endpoint's address.
  var url: String { destination.endpoint.url }
  /// The same without the account number that some hosts begin with.
  var shownURL: String { Self.withoutAccount(url) }
  /// The same for messages of failures, with the proxy that stands before it.
  var shownAddress: String { shownURL + (destination.tunnel.map { " (through \($0))" } ?? "") }
  /// Whether this program serves the endpoint itself.
  var isEmbedded: Bool { child != nil }

  /// The region signed for where none is known: only the embedded endpoint and emulators are reached without one.
  private static let defaultRegion = "us-east-1"
  /// How long the embedded endpoint may take until it listens.
  private static let startTimeout: Int32 = 10_000

  /// Starts the embedded endpoint, or finds the one that was named; nothing is sent yet but what credentials are asked for
  /// with, and not even that where the safety rules object.
  ///
  /// - Throws: `CommandFailure` 2 for an address or keys that cannot be, or where the request does not permit to load a
  ///   target that is not this machine; 6 for an endpoint that cannot be had.
  static func open(_ request: TargetRequest, context: Context) throws -> RunTarget {
    let resolver = CredentialsResolver(environment: context.environment, readFile: FileReader.bytes(at:))
    let known = request.streamARN?.region ?? request.region ?? resolver.region(profile: request.profile)
    let region = known ?? defaultRegion
    guard (try? OptionValue.region(region)) != nil else {
      throw CommandFailure("\(JSONNode.quoted(region)) is no region such as eu-west-1", code: .usage)
    }
    var child: ChildProcess?
    let address: TargetAddress
    switch request.location {
    case .url(let given):
      address = TargetAddress(url: given)
    case .embedded(var document):
      document.region = region
      let started = try startEmbedded(document, context: context)
      child = started.child
      address = TargetAddress(url: started.url)
    case .aws:
      address = try TargetAddress(
        awsConfigured: resolver.endpointURL(profile: request.profile), streamARN: request.streamARN, region: known)
    }
    let proxies = ProxyRules(environment: context.environment)
    let data = try ResolvedDestination(address.data, origin: address.origin, proxies: proxies, trust: request.trust)
    let control =
      address.control == address.data
      ? data : try ResolvedDestination(address.control, origin: address.origin, proxies: proxies, trust: request.trust)
    if let permission = request.permission, !data.isLoopback {
      let safety = RemoteSafety(
        url: withoutAccount(data.destination.endpoint.url), permission: permission,
        isTerminal: context.standardError.isTerminal)
      if let objection = safety.objection { throw CommandFailure(objection, code: .usage) }
    }
    let fetcher = CredentialsFetcher(environment: context.environment, clock: context.clock)
    let signing = try credentials(
      request, resolver: resolver, fetcher: fetcher, isLoopback: data.isLoopback, isEmbedded: child != nil,
      context: context)
    return RunTarget(
      destination: data.destination, control: control.destination, region: region,
      credentials: CurrentCredentials(signing?.credentials), credentialsSource: signing?.source, fetcher: fetcher,
      isLoopback: data.isLoopback, child: child, clock: context.clock, wallTime: context.wallTime)
  }

  /// What signs requests, asked for where it must be; nil for unsigned ones.
  private static func credentials(
    _ request: TargetRequest, resolver: CredentialsResolver, fetcher: CredentialsFetcher, isLoopback: Bool,
    isEmbedded: Bool, context: Context
  ) throws -> (source: CredentialsSource, credentials: Credentials)? {
    if request.isUnsigned { return nil }
    do {
      let source = try resolver.source(profile: request.profile, isLoopback: isLoopback)
      // Nobody looks at the embedded endpoint's signatures, so no program is run for them.
      if isEmbedded, case .process = source { return emulators }
      do {
        return (source, try fetcher.fetch(source))
      } catch {
        guard isLoopback, request.profile == nil else { throw error }
        context.warn("\(error); requests are signed with the customary keys of emulators")
        return emulators
      }
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  /// What this machine's endpoints are signed for with where nothing else is to be had.
  private static let emulators = (
    source: CredentialsSource.given(.loopback, name: "the customary keys of emulators"),
    credentials: Credentials.loopback
  )

  /// What a reader of the results must know of the way to the target.
  ///
  /// - Parameter end: when the run ends: credentials that cannot be renewed should last until then.
  func warnings(until end: WallTime) -> [String] {
    var warnings: [String] = []
    if let tunnel = destination.tunnel {
      warnings.append("every request went through \(tunnel), whose time is in all latencies")
    }
    guard case .given(let credentials, let name) = credentialsSource, let expiration = credentials.expiration,
      expiration.value < end.secondsSinceEpoch
    else { return warnings }
    warnings.append(
      "the credentials of \(name) end at \(expiration.iso8601), before the run does, and cannot be renewed")
    return warnings
  }

  /// What renews the credentials while a run goes on; nil where they never end, or cannot be had anew.
  func renewal(warn: @escaping @Sendable (String) -> Void) -> CredentialsRenewal? {
    guard let source = credentialsSource, credentials.value?.expiration != nil else { return nil }
    if case .given = source { return nil }
    return CredentialsRenewal(
      current: credentials, source: source.name, wallTime: wallTime,
      fetch: { [fetcher] () throws(CredentialsFailure) in try fetcher.fetch(source) }, warn: warn)
  }

  /// Calls about the stream and to read it.
  ///
  /// - Parameter timeout: for one call.
  func calls(timeout: Nanoseconds) throws -> SocketControlCalls {
    try SocketControlCalls(
      destination: destination, control: control, region: region, credentials: credentials, timeout: timeout,
      clock: clock, wallTime: wallTime)
  }

  /// Ends the embedded endpoint, if this run started it.
  func close() {
    _ = child?.end()
  }

  /// Starts this program's own `target` command on a free loopback port and waits until it listens.
  private static func startEmbedded(
    _ document: EmbeddedTargetDocument, context: Context
  ) throws -> (child: ChildProcess, url: String) {
    let child: ChildProcess
    do {
      child = try ChildProcess(
        executable: context.executable,
        arguments: ["shardmeter", "target", "--port=0", "--until-input-ends", "--from-input"],
        environment: context.environment)
      try child.write(Array((document.text + "\n").utf8))
    } catch {
      throw CommandFailure("the embedded target did not start: \(error)", code: .unreachable)
    }
    let prefix = "listening on "
    guard let line = child.firstLine(milliseconds: startTimeout), line.hasPrefix(prefix) else {
      throw CommandFailure("the embedded target did not say where it listens", code: .unreachable)
    }
    return (child, String(line.dropFirst(prefix.count)))
  }

  /// Masks the account in a host such as `123456789012.data-kinesis.eu-west-1.amazonaws.com`.
  private static func withoutAccount(_ url: String) -> String {
    guard let start = url.firstRange(of: "://")?.upperBound else { return url }
    let label = url[start...].prefix { $0 != "." }
    guard label.utf8.count == 12, label.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return url
    }
    return url[..<start] + MaskedCommandLine.mask + url[label.endIndex...]
  }
}

/// An address with everything that is needed to connect.
private struct ResolvedDestination {
  let destination: Destination
  let isLoopback: Bool

  /// Reads the address, finds the way there (straight, or through a proxy) and looks up the name at its beginning.
  init(_ url: String, origin: String, proxies: ProxyRules, trust: TargetRequest.Trust) throws {
    do {
      let endpoint = try Endpoint(url: url)
      var tunnel: ProxyTunnel?
      var first = endpoint
      switch try proxies.way(to: endpoint) {
      case .straight: break
      case .tunnel(let proxy, _):
        tunnel = ProxyTunnel(to: endpoint, through: proxy)
        first = proxy.endpoint
      case .unsupported(let variable):
        throw CommandFailure(
          "\(variable) is set, but only https targets are reached through a proxy: name \(endpoint.host) in no_proxy to "
            + "reach \(endpoint.url) straight, or use https", code: .usage)
      }
      let addresses = try NameResolution.addresses(of: first)
      isLoopback = tunnel == nil && addresses.allSatisfy(\.isThisMachine)
      destination = Destination(
        endpoint: endpoint, addresses: addresses, tunnel: tunnel, tls: try Self.tls(endpoint, trust))
    } catch let failure as TLSFailure {
      if case .file(let file) = trust { throw CommandFailure("--ca-file \(file): \(failure)", code: .usage) }
      throw CommandFailure("\(failure)", code: .usage)
    } catch let failure as EndpointFailure {
      throw CommandFailure("\(origin): \(failure)", code: .usage)
    } catch let failure as ProxyFailure {
      throw CommandFailure("\(failure)", code: .usage)
    } catch let failure as NameResolution.Failure {
      throw CommandFailure("\(failure)", code: .unreachable)
    }
  }

  /// What connections share where they are encrypted.
  private static func tls(_ endpoint: Endpoint, _ trust: TargetRequest.Trust) throws -> TLSClientContext? {
    guard endpoint.scheme == .https else { return nil }
    switch trust {
    case .system: return try TLSClientContext(host: endpoint.host, trust: .system)
    case .anyone: return try TLSClientContext(host: endpoint.host, trust: .anyone)
    case .file(let file):
      try PEMFile.check(file, option: "--ca-file")
      return try TLSClientContext(host: endpoint.host, trust: .file(file))
    }
  }
}

/// A file that OpenSSL reads by itself, and would wait for.
enum PEMFile {
  /// Refuses what is no regular file.
  ///
  /// - Throws: `CommandFailure` 2.
  static func check(_ path: String, option: String) throws {
    do {
      close(try FileReader.open(path))
    } catch {
      throw CommandFailure("\(option) \(path): reading it: \(error)", code: .usage)
    }
  }
}
