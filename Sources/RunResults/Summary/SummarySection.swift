import StrictJSON

/// An object of `summary.json`. `members` is the only place that names a member: writer, reader and JSON Schema are three
/// walks along it.
package protocol SummarySection: SummaryValue {
  /// A section of zeros and absent values, to be read into.
  init()
  /// Shows every member to the visitor, in the order written.
  mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure)
}

/// What is done with each member of a section in turn.
package protocol SummaryVisitor {
  /// Takes note of the next member.
  ///
  /// - Parameter decimals: digits behind the point that are kept, for numbers that have a fraction.
  mutating func member<Value: SummaryValue>(
    _ name: StaticString, _ value: inout Value, decimals: Int
  ) throws(JSONFailure)
}

extension SummaryVisitor {
  /// A member without a fraction.
  package mutating func member<Value: SummaryValue>(
    _ name: StaticString, _ value: inout Value
  ) throws(JSONFailure) {
    try member(name, &value, decimals: 0)
  }
}

extension SummarySection {
  package func json(decimals: Int) -> JSONValue {
    var visitor = WritingVisitor()
    var copy = self
    do {
      try copy.members(&visitor)
    } catch {
      preconditionFailure("writing a section failed: \(error)")
    }
    return .object(visitor.members)
  }

  package init(json: JSONNode) throws(JSONFailure) {
    self.init()
    var visitor = ReadingVisitor(object: try json.object())
    try members(&visitor)
  }

  package static var jsonSchema: JSONValue {
    var visitor = SchemaVisitor()
    var section = Self()
    do {
      try section.members(&visitor)
    } catch {
      preconditionFailure("describing a section failed: \(error)")
    }
    return [
      "type": "object", "properties": .object(visitor.properties),
      "required": .array(visitor.properties.map { .string($0.0) }),
    ]
  }
}

private struct WritingVisitor: SummaryVisitor {
  var members: [(String, JSONValue)] = []
  mutating func member<Value: SummaryValue>(_ name: StaticString, _ value: inout Value, decimals: Int) {
    members.append((name.description, value.json(decimals: decimals)))
  }
}

private struct SchemaVisitor: SummaryVisitor {
  var properties: [(String, JSONValue)] = []
  mutating func member<Value: SummaryValue>(_ name: StaticString, _ value: inout Value, decimals: Int) {
    properties.append((name.description, Value.jsonSchema))
  }
}

/// A member that an older version did not write keeps the value of an empty section.
private struct ReadingVisitor: SummaryVisitor {
  let object: JSONObjectReader
  mutating func member<Value: SummaryValue>(
    _ name: StaticString, _ value: inout Value, decimals: Int
  ) throws(JSONFailure) {
    guard let node = object.optional(name.description) else { return }
    let read = try Value(json: node)
    guard !read.isBelowZero || ResultNumber.namesBelowZero.contains(name.description) else {
      throw node.failure(expected: "a number of at least 0")
    }
    value = read
  }
}
