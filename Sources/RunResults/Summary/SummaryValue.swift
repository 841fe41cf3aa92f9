import StrictJSON

/// A value of `summary.json`: how it is written, read back, and described in the JSON Schema.
package protocol SummaryValue: ResultValue, Sendable, Equatable {
  /// The value as JSON.
  ///
  /// - Parameter decimals: digits behind the point that are kept, for numbers that have a fraction.
  func json(decimals: Int) -> JSONValue
  /// Reads the value; unknown members of objects are ignored, as readers of later versions must.
  init(json: JSONNode) throws(JSONFailure)
  /// The JSON Schema of such a value.
  static var jsonSchema: JSONValue { get }
}

extension Array: ResultValue {}

extension Int: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .integer(Int64(self)) }
  package init(json: JSONNode) throws(JSONFailure) { self = Int(try json.integer(in: ResultNumber.integers)) }
  package static var jsonSchema: JSONValue { ["type": "integer"] }
}

/// Any number: a name, such as a seed, that nobody adds up.
extension Int64: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .integer(self) }
  package init(json: JSONNode) throws(JSONFailure) { self = try json.integer() }
  package static var jsonSchema: JSONValue { ["type": "integer"] }
}

extension Double: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .number(DecimalText.rounded(self, decimals: decimals)) }
  package init(json: JSONNode) throws(JSONFailure) {
    let value = try json.number(in: ResultNumber.fractions)
    self = value.magnitude < ResultNumber.smallest ? 0 : value
  }
  package static var jsonSchema: JSONValue { ["type": "number"] }
}

extension Bool: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .bool(self) }
  package init(json: JSONNode) throws(JSONFailure) { self = try json.bool() }
  package static var jsonSchema: JSONValue { ["type": "boolean"] }
}

extension String: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .string(self) }
  package init(json: JSONNode) throws(JSONFailure) { self = try json.string() }
  package static var jsonSchema: JSONValue { ["type": "string"] }
}

/// A section that another part of the program owns, handed through as it is.
extension JSONValue: SummaryValue {
  package func json(decimals: Int) -> JSONValue { self }
  package init(json: JSONNode) throws(JSONFailure) { self = json.value }
  package static var jsonSchema: JSONValue { .object([]) }
}

/// What is absent is `null`, never a missing member; both read as absent.
extension Optional: SummaryValue where Wrapped: SummaryValue {
  package func json(decimals: Int) -> JSONValue { self?.json(decimals: decimals) ?? .null }
  package init(json: JSONNode) throws(JSONFailure) {
    if case .null = json.kind { self = nil } else { self = try Wrapped(json: json) }
  }
  package static var jsonSchema: JSONValue { ["anyOf": [Wrapped.jsonSchema, ["type": "null"]]] }
}

extension Array: SummaryValue where Element: SummaryValue {
  package func json(decimals: Int) -> JSONValue { .array(map { $0.json(decimals: decimals) }) }
  package init(json: JSONNode) throws(JSONFailure) {
    self = []
    for node in try json.array() { append(try Element(json: node)) }
  }
  package static var jsonSchema: JSONValue { ["type": "array", "items": Element.jsonSchema] }
}
