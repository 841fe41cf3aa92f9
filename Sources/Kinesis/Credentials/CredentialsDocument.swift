/// The JSON in which programs and metadata services give credentials.
///
/// Members other than those read are ignored; a failure never repeats any of the text, which may be secret.
package enum CredentialsDocument {
  /// Reads what a `credential_process` prints: version 1 with `SessionToken` (AWS SDKs and Tools Reference Guide, "Process
  /// credential provider").
  ///
  /// - Parameter source: what to call the source in a failure.
  package static func process(_ bytes: [UInt8], source: String) throws(CredentialsFailure) -> Credentials {
    let members = try members(bytes, source)
    guard members["Version"] == "1" else {
      let found = members["Version"].flatMap { Int($0) }.map { "Version \($0)" } ?? "none"
      throw .unusable(source: source, reason: "expected \"Version\": 1, found \(found)")
    }
    return try credentials(members, token: "SessionToken", source)
  }

  /// Reads what a container's host or the instance metadata service answers: `Token`, and where it says so a `Code` other
  /// than `Success`.
  package static func metadata(_ answer: (status: Int, body: [UInt8]), source: String) throws(CredentialsFailure)
    -> Credentials
  {
    guard answer.status == 200 else { throw .unusable(source: source, reason: "HTTP \(answer.status)") }
    let members = try members(answer.body, source)
    if let code = members["Code"], code.lowercased() != "success" {
      let shown = code.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(60)
      throw .unusable(source: source, reason: "it answers with code \(shown)")
    }
    return try credentials(members, token: "Token", source)
  }

  private static func credentials(
    _ members: [String: String], token: String, _ source: String
  ) throws(CredentialsFailure) -> Credentials {
    func member(_ name: String) throws(CredentialsFailure) -> String {
      guard let value = members[name], !value.isEmpty else { throw .incomplete(source: source, missing: name) }
      return value
    }
    var found = Credentials(accessKeyID: try member("AccessKeyId"), secretAccessKey: try member("SecretAccessKey"))
    found.sessionToken = members[token].flatMap { $0.isEmpty ? nil : $0 }
    if let text = members["Expiration"] {
      guard let time = WallSeconds(iso8601: text) else {
        throw .unusable(source: source, reason: "its Expiration is no time such as 2026-03-14T09:15:12Z")
      }
      found.expiration = time
    }
    // They become header lines.
    let texts = [found.accessKeyID, found.secretAccessKey, found.sessionToken ?? ""]
    guard texts.allSatisfy(CredentialsResolver.isHeaderText) else {
      throw .unusable(source: source, reason: "its keys have spaces or characters that are not printable ASCII")
    }
    return found
  }

  /// The members of one flat object: texts as they mean, numbers as written; nulls and structures left out.
  private static func members(_ bytes: [UInt8], _ source: String) throws(CredentialsFailure) -> [String: String] {
    let found: [String: String]? = bytes.withUnsafeBytes { raw in
      guard var cursor = JSONCursor(raw) else { return nil }
      do throws(JSONCursor.Failure) {
        return try members(&cursor)
      } catch {
        return nil
      }
    }
    guard let found else { throw .unusable(source: source, reason: "what it gives is no JSON object") }
    return found
  }

  private static func members(_ cursor: inout JSONCursor) throws(JSONCursor.Failure) -> [String: String] {
    var members: [String: String] = [:]
    try cursor.expect(0x7B)
    if try cursor.peek() != 0x7D {
      while true {
        let name = try cursor.name()
        let start = try cursor.peek()
        if start == 0x22 {
          cursor.index += 1
          members[cursor.string(name)] = cursor.string(try cursor.text())
        } else {
          let begin = cursor.index
          try cursor.skipValue()
          if start == 0x2D || (0x30...0x39).contains(start) {
            members[cursor.string(name)] = String(
              decoding: UnsafeBufferPointer(start: cursor.base + begin, count: cursor.index - begin), as: UTF8.self)
          }
        }
        guard try cursor.peek() == 0x2C else { break }
        cursor.index += 1
      }
    }
    try cursor.expect(0x7D)
    cursor.skipSpace()
    guard cursor.index == cursor.end else { throw .notJSON }
    return members
  }
}
