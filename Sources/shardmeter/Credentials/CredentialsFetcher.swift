import Glibc
import Kinesis
import Measurement
import Transport

/// Gets credentials from where they were decided to come from; blocks while somebody is asked.
struct CredentialsFetcher: Sendable {
  private let environment: [String: String]
  private let clock: any MonotonicClock

  /// - Parameter environment: what a `credential_process` inherits.
  init(environment: [String: String], clock: any MonotonicClock) {
    self.environment = environment
    self.clock = clock
  }

  /// Asks once, with the tries and time-outs of the source.
  func fetch(_ source: CredentialsSource) throws(CredentialsFailure) -> Credentials {
    switch source {
    case .given(let credentials, _):
      return credentials
    case .process(_, let words):
      let output = try CredentialProcess.output(of: words, environment: environment, source: source.name)
      return try CredentialsDocument.process(output, source: source.name)
    case .container(let container):
      return try fetch(container, source: source.name)
    case .instance(let metadata):
      do throws(CredentialsFailure) {
        return try fetch(metadata, source: source.name)
      } catch {
        // Most machines are no instance: the last resort that is not there is no failure of its own.
        guard metadata.isUsualAddress, case .unusable(let source, let reason) = error else { throw error }
        throw .notFound(detail: "\(source): \(reason)")
      }
    }
  }

  private func fetch(_ container: ContainerCredentials, source: String) throws(CredentialsFailure) -> Credentials {
    let caller = try caller(container.origin, source)
    var token: String?
    switch container.token {
    case .none: break
    case .text(let text): token = text
    case .file(let path):
      guard let bytes = FileReader.bytes(at: path) else {
        throw .unusable(source: source, reason: "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read")
      }
      token = String(decoding: bytes, as: UTF8.self)
    }
    let request = try container.request(token: token, hostHeader: caller.host)
    var attempt = 1
    while true {
      do throws(CredentialsFailure) {
        let answer = try caller.call(request, timeout: Nanoseconds(ContainerCredentials.timeoutSeconds * 1_000_000_000))
        return try CredentialsDocument.metadata(answer, source: source)
      } catch {
        if attempt >= ContainerCredentials.attempts { throw error }
        attempt += 1
        usleep(UInt32(ContainerCredentials.pauseMilliseconds) * 1_000)
      }
    }
  }

  private func fetch(_ metadata: InstanceMetadata, source: String) throws(CredentialsFailure) -> Credentials {
    let caller = try caller(metadata.base, source)
    let timeout = Nanoseconds(metadata.timeoutSeconds * 1_000_000_000)
    func call(_ request: String) throws(CredentialsFailure) -> (status: Int, body: [UInt8]) {
      var attempt = 1
      while true {
        do throws(CredentialsFailure) {
          return try caller.call(request, timeout: timeout)
        } catch {
          if attempt >= metadata.attempts { throw error }
          attempt += 1
        }
      }
    }
    let opened: (status: Int, body: [UInt8])?
    do throws(CredentialsFailure) {
      opened = try call(metadata.tokenRequest(hostHeader: caller.host))
    } catch {
      // Nobody there: asking without a token would only take as long again.
      if !caller.wasReached { throw error }
      opened = nil
    }
    let token = try metadata.token(from: opened)
    let role = try metadata.role(from: try call(metadata.request(role: nil, token: token, hostHeader: caller.host)))
    return try CredentialsDocument.metadata(
      try call(metadata.request(role: role, token: token, hostHeader: caller.host)), source: source)
  }

  private func caller(_ url: String, _ source: String) throws(CredentialsFailure) -> MetadataCaller {
    do {
      return try MetadataCaller(url: url, source: source, clock: clock)
    } catch let failure as CredentialsFailure {
      throw failure
    } catch {
      throw .unusable(source: source, reason: "\(error)")
    }
  }
}
