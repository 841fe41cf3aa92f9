import Kinesis
import Measurement
import Transport

/// Small requests to a metadata service, which is never behind a proxy.
final class MetadataCaller {
  /// The value of `Host`.
  let host: String
  private let connection: BlockingConnection
  private let source: String
  /// Whether any request got an answer or could have been received.
  private(set) var wasReached = false

  /// - Parameter url: scheme, host and port.
  /// - Throws: what kept the address from being understood, found or connected to.
  init(url: String, source: String, clock: any MonotonicClock) throws {
    let endpoint = try Endpoint(url: url)
    let tls = endpoint.scheme == .https ? try TLSClientContext(host: endpoint.host, trust: .system) : nil
    let addresses = try NameResolution.addresses(of: endpoint)
    connection = try BlockingConnection(
      endpoint: endpoint, addresses: EndpointAddresses(endpoint, known: addresses), tls: tls, clock: clock)
    host = endpoint.hostHeader
    self.source = source
  }

  /// Sends one request.
  ///
  /// - Returns: status and body, whatever they are.
  func call(_ request: String, timeout: Nanoseconds) throws(CredentialsFailure) -> (status: Int, body: [UInt8]) {
    let bytes = Array(request.utf8)
    let outcome: Result<(status: Int, body: [UInt8]), ExchangeFailure> = bytes.withUnsafeBytes { bytes in
      do throws(ExchangeFailure) {
        let response = try connection.exchange(bytes, timeout: timeout)
        return .success((response.status, Array(response.body)))
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(let answer):
      wasReached = true
      return answer
    case .failure(let failure):
      if !failure.code.hasPrefix("connect") { wasReached = true }
      throw .unusable(source: source, reason: "no answer (\(failure))")
    }
  }
}
