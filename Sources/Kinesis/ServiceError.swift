/// The code and text of an error answer.
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The error's name, such as `ResourceNotFoundException`, without any namespace.
  package var code: String

  /// The text for people; empty when the answer has none.
  package var message: String

  /// Makes an error.
  package init(code: String, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String {
    message.isEmpty ? code : "\(code): \(message)"
  }

  /// Reads the body of an answer whose status is not 200.
  ///
  /// The code is `__type` behind any `#`, since some services qualify it; the text is `message`, or `Message` as
  /// SerializationException has it (k6's client reads errors the same way).
  ///
  /// - Returns: `nil` when the body is no JSON object or has no `__type`.
  package static func parse(_ body: UnsafeRawBufferPointer) -> ServiceError? {
    guard var cursor = JSONCursor(body) else { return nil }
    var code: String?
    var message: String?
    var capitalMessage: String?
    do throws(JSONCursor.Failure) {
      try cursor.expect(0x7B)
      if try cursor.peek() == 0x7D { return nil }
      while true {
        let name = try cursor.name()
        if try cursor.peek() == 0x22 {
          cursor.index += 1
          let text = try cursor.text()
          if cursor.equals(name, "__type") {
            let type = cursor.string(text)
            code = type.split(separator: "#").last.map(String.init) ?? type
          } else if cursor.equals(name, "message") {
            message = cursor.string(text)
          } else if cursor.equals(name, "Message") {
            capitalMessage = cursor.string(text)
          }
        } else {
          try cursor.skipValue()
        }
        if try cursor.peek() != 0x2C { break }
        cursor.index += 1
      }
      try cursor.expect(0x7D)
    } catch {
      return nil
    }
    guard let code, !code.isEmpty else { return nil }
    return ServiceError(code: code, message: message ?? capitalMessage ?? "")
  }
}
