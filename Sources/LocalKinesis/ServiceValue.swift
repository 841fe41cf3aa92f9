import Kinesis

/// A value of a request or an answer, free of its encoding: JSON and CBOR are both read into and written from this tree.
///
/// Only the control plane and the single-record operations go through it; PutRecords in JSON has a path of its own that
/// builds no tree.
package indirect enum ServiceValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  /// Binary data; base64 text in JSON, a byte string in CBOR.
  case blob([UInt8])
  /// Milliseconds since the Unix epoch; JSON carries seconds with a fraction, CBOR milliseconds.
  case timestamp(milliseconds: Int64)
  case list([ServiceValue])
  case map([ServiceMember])

  /// Values a body may hold: the largest request of the API has some thousands. A body of tiny values, each a node of a
  /// tree, would otherwise take many times its own size in memory.
  package static let maximumCount = 100_000

  /// The member of that name of a map; the last one counts when a name is repeated. Nil for any other value, for
  /// absence and for null, which the service treats alike.
  package subscript(name: String) -> ServiceValue? {
    guard case .map(let members) = self else { return nil }
    guard let value = members.last(where: { $0.name == name })?.value, value != .null else { return nil }
    return value
  }

  /// The text of a text value.
  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// The value of an integer, or of a number rounded down, as the service does; nil for anything else.
  package var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(saturating: value.rounded(.down))
    default: nil
    }
  }

  /// The value of a number as a count: rounded down, and 0 for one below it, so that it can be the length of a page.
  package var naturalNumber: Int? { integer.map { Int(clamping: max(0, $0)) } }

  /// The elements of a list.
  package var list: [ServiceValue]? {
    if case .list(let elements) = self { elements } else { nil }
  }
}

/// One named value of a map, in the order written.
package struct ServiceMember: Sendable, Equatable {
  package var name: String
  package var value: ServiceValue

  /// A member as written.
  package init(_ name: String, _ value: ServiceValue) {
    self.name = name
    self.value = value
  }
}

extension ServiceValue {
  /// A map from its members, without those that are nil: the service leaves absent members out.
  package static func members(_ members: (String, ServiceValue?)...) -> ServiceValue {
    .map(members.compactMap { name, value in value.map { ServiceMember(name, $0) } })
  }
}
