/// An error the endpoint answers with, as Kinesis words it.
package struct ServiceFailure: Error, Sendable, Equatable {
  /// The HTTP status.
  package var status: Int
  /// The error code, written as `__type`.
  package var code: String
  /// The text; nil where the service sends the code alone.
  package var message: String?
  /// Whether the text's member is spelled `Message`, as SerializationException does.
  package var isMessageCapitalised: Bool

  /// An error answered with status 400 and a `message`, the common form.
  package init(_ code: String, _ message: String?, status: Int = 400, capitalised: Bool = false) {
    self.status = status
    self.code = code
    self.message = message
    self.isMessageCapitalised = capitalised
  }

  /// The body as a value.
  package var value: ServiceValue {
    .members(
      ("__type", .text(code)), (isMessageCapitalised ? "Message" : "message", message.map { .text($0) }))
  }

  /// A value of the wrong type.
  package static func serialization(_ message: String?) -> ServiceFailure {
    ServiceFailure("SerializationException", message, capitalised: true)
  }

  /// A value that breaks the rules between arguments or of a stream.
  package static func invalidArgument(_ message: String) -> ServiceFailure {
    ServiceFailure("InvalidArgumentException", message)
  }

  /// A violation of the constraints of the input: the parts are counted and joined, at most ten of them.
  ///
  /// The cap is AWS's (mhart/kinesalite test/putRecords.js, checked against production in 2018).
  package static func validation(_ parts: [String]) -> ServiceFailure {
    let shown = parts.prefix(10)
    let plural = shown.count == 1 ? "" : "s"
    return ServiceFailure(
      "ValidationException",
      "\(shown.count) validation error\(plural) detected: \(shown.joined(separator: "; "))")
  }

  /// A stream that does not exist, or does not yet or no longer take the operation.
  package static func streamNotFound(_ name: String, account: String) -> ServiceFailure {
    ServiceFailure("ResourceNotFoundException", "Stream \(name) under account \(account) not found.")
  }
}
