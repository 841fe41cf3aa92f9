import Measurement

/// Writes the HTTP head of a request, signed with Signature Version 4, right in front of the body.
///
/// Everything that does not change from request to request is prepared: the head as a template with fixed places for
/// the signature, the signing key of the day, and the hash states of the constant beginnings of canonical request and
/// string to sign for the current second. What is left per request is the SHA-256 of the body and five more blocks.
///
/// Steps and signed headers: AWS "Signature Version 4 signing process"; the same as botocore's `SigV4Auth`.
package final class RequestSigner {
  private let region: String
  private let hostHeader: String
  private let operation: ClientOperation
  private var credentials: Credentials?

  /// The head up to and with `Content-Length: `.
  private var template: [UInt8] = []
  /// Where the 64 digits of the signature go in the template; `nil` when requests are not signed.
  private var signatureOffset: Int?
  /// The second the template and the states below are made for.
  private var preparedFor: WallSeconds?

  private var dayKey: (day: Int64, key: HMACSHA256)?
  private var canonicalPrefix = SHA256()
  private var stringToSignPrefix: HMACSHA256?
  private var scratch = [UInt8](repeating: 0, count: 64)

  /// Makes a signer for one operation of one endpoint.
  ///
  /// - Parameters:
  ///   - credentials: what to sign with; `nil` leaves requests unsigned.
  ///   - region: the region of the credential scope, such as `eu-west-1`.
  ///   - hostHeader: the `Host` header, with the port when it is not the scheme's default.
  ///   - operation: what is asked.
  package init(credentials: Credentials?, region: String, hostHeader: String, operation: ClientOperation = .putRecords)
  {
    self.credentials = credentials
    self.region = region
    self.hostHeader = hostHeader
    self.operation = operation
  }

  /// Signs with other credentials from now on, as when temporary ones are refreshed.
  package func replaceCredentials(_ credentials: Credentials?) {
    self.credentials = credentials
    preparedFor = nil
    dayKey = nil
  }

  /// Writes the head for the buffer's body; ``RequestBuffer/message`` is then the whole request.
  ///
  /// - Parameters:
  ///   - buffer: a buffer whose body is complete.
  ///   - bodyDigest: the body's SHA-256 where it is known; nil: it is computed.
  ///   - now: the date of the request. Services refuse a date more than five minutes off.
  package func finish(_ buffer: RequestBuffer, bodyDigest: Digest256? = nil, at now: WallSeconds) {
    if preparedFor != now { prepare(now) }
    let body = buffer.body
    var digits = (UInt64(0), UInt64(0), UInt64(0))
    withUnsafeMutableBytes(of: &digits) { digits in
      guard let digits = digits.bindMemory(to: UInt8.self).baseAddress else { return }
      let count = DecimalDigits.write(UInt64(body.count), to: digits)
      let head = buffer.beginHead(length: template.count + count + 4)
      template.withUnsafeBufferPointer { template in
        guard let start = template.baseAddress else { return }
        head.update(from: start, count: template.count)
      }
      (head + template.count).update(from: digits, count: count)
      UnsafeMutableRawPointer(head + template.count + count).storeBytes(
        of: UInt32(0x0A0D_0A0D).littleEndian, as: UInt32.self)
      if let signatureOffset, let stringToSignPrefix {
        writeSignature(
          of: bodyDigest ?? SHA256.digest(buffer.body), after: stringToSignPrefix, to: head + signatureOffset)
      }
    }
  }

  private func writeSignature(
    of bodyDigest: Digest256, after prefix: HMACSHA256, to destination: UnsafeMutablePointer<UInt8>
  ) {
    var canonical = canonicalPrefix
    var code = prefix
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let hex = scratch.baseAddress else { return }
      bodyDigest.writeHex(to: hex)
      canonical.update(UnsafeRawBufferPointer(scratch))
      canonical.finish().writeHex(to: hex)
      code.update(UnsafeRawBufferPointer(scratch))
    }
    code.finish().writeHex(to: destination)
  }

  /// Makes template and states for a new second; the signing key only for a new day.
  private func prepare(_ now: WallSeconds) {
    let date = String(decoding: now.basic, as: UTF8.self)
    var head = "POST / HTTP/1.1\r\nHost: \(hostHeader)\r\nUser-Agent: shardmeter\r\n"
    head += "Content-Type: \(SigV4.contentType)\r\nX-Amz-Target: \(SigV4.targetPrefix)\(operation.rawValue)\r\n"
    signatureOffset = nil
    stringToSignPrefix = nil
    if let credentials {
      let scope = SigV4.Scope(date: String(date.prefix(8)), region: region)
      var headers = [
        ("content-type", SigV4.contentType), ("host", hostHeader), ("x-amz-date", date),
        ("x-amz-target", SigV4.targetPrefix + operation.rawValue),
      ]
      head += "X-Amz-Date: \(date)\r\n"
      if let token = credentials.sessionToken {
        headers.insert(("x-amz-security-token", token), at: 3)
        head += "X-Amz-Security-Token: \(token)\r\n"
      }
      let names = headers.map(\.0).joined(separator: ";")
      head += "Authorization: \(SigV4.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
      head += "SignedHeaders=\(names), Signature="
      signatureOffset = head.utf8.count
      head += String(repeating: "0", count: 64) + "\r\n"

      if dayKey?.day != now.day {
        dayKey = (now.day, HMACSHA256(key: SigV4.signingKey(secret: credentials.secretAccessKey, scope: scope)))
      }
      canonicalPrefix = SHA256()
      canonicalPrefix.update(SigV4.canonicalHead(method: "POST", path: "/", query: "", headers: headers))
      stringToSignPrefix = dayKey?.key
      stringToSignPrefix?.update("\(SigV4.algorithm)\n\(date)\n\(scope)\n")
    }
    head += "Content-Length: "
    template = Array(head.utf8)
    preparedFor = now
  }
}
