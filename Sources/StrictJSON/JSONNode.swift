/// A value as it stands in a document: it knows its path and place, so that a reader can say what is wrong with it.
package struct JSONNode: Sendable {
  /// What was written. A number without fraction and exponent that fits is an integer, every other one a double.
  package enum Kind: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])
  }

  /// What was written.
  package let kind: Kind
  /// The way here from the root.
  package let path: JSONPath
  /// Where the value's first byte stands.
  package let location: JSONLocation
  /// A number as it was typed, which may have more digits than its kind; nil for other values and where nothing was typed.
  package let written: String?

  /// Creates a node; its children must already carry paths below `path`.
  package init(kind: Kind, path: JSONPath, location: JSONLocation, written: String? = nil) {
    self.kind = kind
    self.path = path
    self.location = location
    self.written = written
  }

  /// Places a value that was not read from this document below it, with the path it gets there.
  package init(_ value: JSONValue, path: JSONPath, location: JSONLocation) {
    self.path = path
    self.location = location
    written = nil
    switch value {
    case .null: kind = .null
    case .bool(let value): kind = .bool(value)
    case .integer(let value): kind = .integer(value)
    case .number(let value): kind = .number(value)
    case .string(let value): kind = .string(value)
    case .array(let values):
      kind = .array(
        values.enumerated().map { JSONNode($0.element, path: path.element($0.offset), location: location) })
    case .object(let members):
      kind = .object(
        members.map {
          JSONMember(
            name: $0.0, location: location, value: JSONNode($0.1, path: path.member($0.0), location: location))
        })
    }
  }

  /// The value without its place.
  package var value: JSONValue {
    switch kind {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .array(let nodes): .array(nodes.map(\.value))
    case .object(let members): .object(members.map { ($0.name, $0.value.value) })
    }
  }

  /// The value with all that is in it at another place.
  package func moved(to path: JSONPath, location: JSONLocation) -> JSONNode {
    let kind: Kind =
      switch self.kind {
      case .array(let nodes):
        .array(nodes.enumerated().map { $0.element.moved(to: path.element($0.offset), location: location) })
      case .object(let members):
        .object(
          members.map {
            JSONMember(
              name: $0.name, location: location, value: $0.value.moved(to: path.member($0.name), location: location))
          })
      default: self.kind
      }
    return JSONNode(kind: kind, path: path, location: location, written: written)
  }

  /// The value in a few words, for "found …": short values as written, long ones cut, containers by their kind.
  package var summary: String {
    if let written { return written.utf8.count > 40 ? String(written.prefix(40)) + "…" : written }
    switch kind {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value): return JSONNumberText.text(of: value)
    case .string(let text): return Self.quoted(text)
    case .array(let nodes): return nodes.isEmpty ? "an empty list" : "a list"
    case .object(let members): return members.isEmpty ? "an empty object" : "an object"
    }
  }

  /// A string in quotes, escaped, cut after 40 characters.
  package static func quoted(_ text: String) -> String {
    let cut = text.count > 40 ? String(text.prefix(40)) + "…" : text
    var bytes: [UInt8] = []
    JSONStringEscaping.append(cut, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A failure about this value.
  package func failure(expected: String, found: String? = nil, suggestion: String? = nil) -> JSONFailure {
    JSONFailure(
      location: location, path: path, expected: expected, found: found ?? summary, suggestion: suggestion)
  }
}

/// One name and value of an object, in the order written.
package struct JSONMember: Sendable {
  /// The member's name, unescaped.
  package let name: String
  /// Where the name stands.
  package let location: JSONLocation
  /// The member's value.
  package let value: JSONNode

  /// Creates a member.
  package init(name: String, location: JSONLocation, value: JSONNode) {
    self.name = name
    self.location = location
    self.value = value
  }
}

extension JSONNode {
  /// The value as a closed object.
  ///
  /// - Parameter expected: completes "expected …" when it is something else.
  package func object(expected: String = "an object") throws(JSONFailure) -> JSONObjectReader {
    guard case .object(let members) = kind else { throw failure(expected: expected) }
    return JSONObjectReader(node: self, members: members)
  }

  /// The elements of a list.
  package func array(expected: String = "a list") throws(JSONFailure) -> [JSONNode] {
    guard case .array(let nodes) = kind else { throw failure(expected: expected) }
    return nodes
  }

  /// The value as a string.
  package func string(expected: String = "a string") throws(JSONFailure) -> String {
    guard case .string(let text) = kind else { throw failure(expected: expected) }
    return text
  }

  /// The value as `true` or `false`.
  package func bool(expected: String = "true or false") throws(JSONFailure) -> Bool {
    guard case .bool(let value) = kind else { throw failure(expected: expected) }
    return value
  }

  /// The value as a whole number; `1e3` and `2.0` are whole numbers too.
  ///
  /// - Parameters:
  ///   - range: what is allowed; without it any 64-bit integer.
  ///   - expected: completes "expected …"; by default it names the range.
  package func integer(
    in range: ClosedRange<Int64> = Int64.min...Int64.max, expected: String? = nil
  ) throws(JSONFailure) -> Int64 {
    let value: Int64?
    switch kind {
    case .integer(let integer): value = integer
    case .number(let number): value = Int64(exactly: number)
    default: value = nil
    }
    guard let value, range.contains(value) else {
      throw failure(expected: expected ?? Self.words("a whole number", range))
    }
    return value
  }

  /// The value as a finite number.
  ///
  /// - Parameters:
  ///   - range: what is allowed; without it every finite number.
  ///   - expected: completes "expected …"; by default it names the range.
  package func number(in range: ClosedRange<Double>? = nil, expected: String? = nil) throws(JSONFailure) -> Double {
    let value: Double
    switch kind {
    case .integer(let integer): value = Double(integer)
    case .number(let number): value = number
    default: throw failure(expected: expected ?? Self.words(range))
    }
    if let range, !range.contains(value) { throw failure(expected: expected ?? Self.words(range)) }
    return value
  }

  private static func words(_ noun: String, _ range: ClosedRange<Int64>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (Int64.min, Int64.max): noun
    case (let low, Int64.max): "\(noun) of at least \(low)"
    case (let low, let high): "\(noun) from \(low) to \(high)"
    }
  }

  private static func words(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "a number" }
    let low = JSONNumberText.text(of: range.lowerBound)
    guard range.upperBound.isFinite else { return "a number of at least \(low)" }
    return "a number from \(low) to \(JSONNumberText.text(of: range.upperBound))"
  }
}

/// Reads a closed object: every member must be asked for by name, and what is left over is an error.
package struct JSONObjectReader: Sendable {
  /// The object itself.
  package let node: JSONNode
  /// The members in the order written; names are unique.
  package let members: [JSONMember]

  init(node: JSONNode, members: [JSONMember]) {
    self.node = node
    self.members = members
  }

  /// The value of a member that must be there. O(members).
  ///
  /// - Parameter expected: what is missing, for the message; by default the quoted name.
  package func required(_ name: String, expected: String? = nil) throws(JSONFailure) -> JSONNode {
    if let value = optional(name) { return value }
    let near = nearestWord(to: name, in: members.map(\.name))
    throw node.failure(
      expected: expected ?? "the field \"\(name)\"",
      found: near.map { "\"\($0)\"" } ?? (members.isEmpty ? "an empty object" : "none"))
  }

  /// The value of a member that may be absent. O(members).
  package func optional(_ name: String) -> JSONNode? {
    members.first { $0.name == name }?.value
  }

  /// Refuses members that are not in the list, naming the nearest word that is.
  package func finish(allowed: [String]) throws(JSONFailure) {
    for member in members where !allowed.contains(member.name) {
      throw JSONFailure(
        location: member.location, path: member.value.path,
        expected: allowed.isEmpty ? "no field here" : "one of the fields \(allowed.joined(separator: ", "))",
        found: "the unknown field \(JSONNode.quoted(member.name))",
        suggestion: nearestWord(to: member.name, in: allowed))
    }
  }
}
