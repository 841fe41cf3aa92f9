/// The content types the service knows.
enum ContentType: String {
  case json = "application/x-amz-json-1.1"
  case cbor = "application/x-amz-cbor-1.1"
  /// Read, but never served: AWS answers every well-formed request of this type with an unknown operation.
  case plainJSON = "application/json"

  /// Reads a header: what stands before a semicolon, trimmed. Nil when the type is another or missing.
  init?(_ header: String?) {
    guard let header else { return nil }
    let type = header.prefix { $0 != ";" }
    let trimmed = type.drop { $0 == " " || $0 == "\t" }
    guard let last = trimmed.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return nil }
    self.init(rawValue: String(trimmed[...last]))
  }
}
