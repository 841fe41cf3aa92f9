extension InputShape {
  /// The violated constraints of a typed input, each worded as the service words it; empty when there is none.
  ///
  /// Stops after ten: no more are ever shown.
  package func violations(_ input: ServiceValue) -> [String] {
    var parts: [String] = []
    Self.structure(input, members, path: "", into: &parts)
    return parts
  }

  private static let shownViolations = 10

  private static func structure(
    _ input: ServiceValue, _ members: [Member], path: String, into parts: inout [String]
  ) {
    for member in members {
      check(
        input[member.name], member.type, member.constraints, path: path + lowerFirst(member.name), into: &parts)
    }
  }

  private static func check(
    _ value: ServiceValue?, _ type: Kind, _ constraints: [InputConstraint], path: String, into parts: inout [String]
  ) {
    for constraint in constraints where parts.count < shownViolations {
      guard !isKept(constraint, by: value) else { continue }
      let shown = value.map { "'\(text(of: $0, type))'" } ?? "null"
      parts.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint.text)")
    }
    guard let value else { return }
    switch (type, value) {
    case (.list(let element, _), .list(let elements)):
      var rules: [InputConstraint] = []
      // As PutRecords in JSON says it; texts that are null are too short already.
      if case .structure = element { rules = [.notNull] }
      for (index, item) in elements.enumerated() where parts.count < shownViolations {
        check(item == .null ? nil : item, element, rules, path: "\(path).\(index + 1).member", into: &parts)
      }
    case (.structure(let members), .map):
      structure(value, members, path: path + ".", into: &parts)
    default: break
    }
  }

  private static func isKept(_ constraint: InputConstraint, by value: ServiceValue?) -> Bool {
    guard let value else {
      if case .notNull = constraint { return false }
      return true
    }
    switch constraint {
    case .notNull: return true
    case .minimum(let bound): return (value.integer ?? bound) >= bound
    case .maximum(let bound): return (value.integer ?? bound) <= bound
    case .pattern(let pattern): return pattern.matches(value.text ?? "")
    case .minimumLength(let bound): return length(of: value) >= bound
    case .maximumLength(let bound): return length(of: value) <= bound
    case .oneOf(let values): return values.contains(value.text ?? "")
    case .elementLengths(let range): return (value.list ?? []).allSatisfy { range.contains(length(of: $0)) }
    case .keyLengths(let range): return mapMembers(value).allSatisfy { range.contains($0.name.utf16.count) }
    case .valueLengths(let range): return mapMembers(value).allSatisfy { range.contains(length(of: $0.value)) }
    }
  }

  private static func mapMembers(_ value: ServiceValue) -> [ServiceMember] {
    if case .map(let members) = value { members } else { [] }
  }

  private static func length(of value: ServiceValue) -> Int {
    switch value {
    case .text(let text): text.utf16.count
    case .blob(let bytes): bytes.count
    case .list(let elements): elements.count
    case .map(let members): members.count
    default: 0
    }
  }

  /// The value as the service prints it in a ValidationException.
  private static func text(of value: ServiceValue, _ type: Kind) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return "\(flag)"
    case .integer(let integer): return "\(integer)"
    case .number(let number): return "\(number)"
    case .text(let text): return text
    case .timestamp(let milliseconds): return "\(milliseconds)"
    case .blob(let bytes): return "java.nio.HeapByteBuffer[pos=0 lim=\(bytes.count) cap=\(bytes.count)]"
    case .list(let elements):
      guard case .list(let element, let shownAs) = type else { return "[]" }
      return "[" + elements.map { shownAs ?? text(of: $0, element) }.joined(separator: ", ") + "]"
    case .map(let members):
      let element: Kind = if case .map(let element) = type { element } else { .string }
      return "{" + members.map { "\($0.name)=\(text(of: $0.value, element))" }.joined(separator: ", ") + "}"
    }
  }

  private static func lowerFirst(_ name: String) -> String {
    // `StreamARN` becomes `streamARN`: only the first letter changes.
    name.prefix(1).lowercased() + name.dropFirst()
  }
}

extension InputConstraint {
  /// The rule as the service words it.
  package var text: String {
    switch self {
    case .notNull: "Member must not be null"
    case .minimum(let bound): "Member must have value greater than or equal to \(bound)"
    case .maximum(let bound): "Member must have value less than or equal to \(bound)"
    case .pattern(let pattern): "Member must satisfy regular expression pattern: \(pattern.rawValue)"
    case .minimumLength(let bound): "Member must have length greater than or equal to \(bound)"
    case .maximumLength(let bound): "Member must have length less than or equal to \(bound)"
    case .oneOf(let values): "Member must satisfy enum value set: [\(values.joined(separator: ", "))]"
    case .elementLengths(let range): "Member must satisfy constraint: [\(Self.lengths(range))]"
    case .keyLengths(let range): "Map keys must satisfy constraint: [\(Self.lengths(range))]"
    case .valueLengths(let range): "Map value must satisfy constraint: [\(Self.lengths(range))]"
    }
  }

  private static func lengths(_ range: ClosedRange<Int>) -> String {
    """
    Member must have length less than or equal to \(range.upperBound), \
    Member must have length greater than or equal to \(range.lowerBound)
    """
  }
}
