import Kinesis

/// The declared form of an operation's input: which members it has, their types and their constraints.
///
/// The shapes follow botocore's service model `kinesis/2013-12-02`; texts and order follow mhart/kinesalite, whose tests
/// were run against production. Members that are not declared are ignored, as the service ignores them.
package struct InputShape: Sendable {
  /// One declared member.
  package struct Member: Sendable {
    package var name: String
    package var type: Kind
    package var constraints: [InputConstraint]

    /// A member of a structure.
    package init(_ name: String, _ type: Kind, _ constraints: InputConstraint...) {
      self.name = name
      self.type = type
      self.constraints = constraints
    }
  }

  /// The type of a member; `Kind` because `Type` is taken by the language.
  package indirect enum Kind: Sendable {
    case boolean
    case integer
    case string
    case blob
    case timestamp
    /// A list; `shownAs` is what a ValidationException prints for each element instead of its value.
    case list(of: Kind, shownAs: String?)
    case map(of: Kind)
    case structure([Member])
  }

  package var members: [Member]

  /// A shape of these members.
  package init(_ members: Member...) {
    self.members = members
  }
}

/// One rule a member has to keep.
package enum InputConstraint: Sendable {
  case notNull
  case minimum(Int64)
  case maximum(Int64)
  case pattern(InputPattern)
  /// UTF-16 units of a text, bytes of a blob, elements of a list or map.
  case minimumLength(Int)
  case maximumLength(Int)
  case oneOf([String])
  case elementLengths(ClosedRange<Int>)
  case keyLengths(ClosedRange<Int>)
  case valueLengths(ClosedRange<Int>)
}

/// The regular expressions of the service model, matched by hand.
package enum InputPattern: String, Sendable {
  case name = "[a-zA-Z0-9_.-]+"
  case hashKey = "0|([1-9]\\d{0,38})"
  case sequenceNumber = "0|([1-9]\\d{0,128})"
  case streamARN = "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+"

  /// Whether the whole text matches. O(length).
  package func matches(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    switch self {
    case .name:
      return !bytes.isEmpty && bytes.allSatisfy(Self.isNameByte)
    case .hashKey:
      return Self.isDecimal(bytes, maximumDigits: 39)
    case .sequenceNumber:
      return Self.isDecimal(bytes, maximumDigits: 129)
    case .streamARN:
      return StreamARN(text) != nil
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isDecimal(_ bytes: [UInt8], maximumDigits: Int) -> Bool {
    guard let first = bytes.first else { return false }
    if first == UInt8(ascii: "0") { return bytes.count == 1 }
    return bytes.count <= maximumDigits && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

extension InputShape {
  /// Checks the types of the declared members and drops the others: the first finding is the answer.
  ///
  /// - Returns: a map of the declared members that are present and not null, blobs decoded.
  /// - Throws: a SerializationException with the service's own wording.
  package func typed(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    try Self.structure(input, members)
  }

  private static func structure(_ input: ServiceValue, _ members: [Member]) throws(ServiceFailure) -> ServiceValue {
    var typed: [ServiceMember] = []
    for member in members {
      guard let value = input[member.name] else { continue }
      typed.append(ServiceMember(member.name, try check(value, member.type)))
    }
    return .map(typed)
  }

  private static func check(_ value: ServiceValue, _ type: Kind) throws(ServiceFailure) -> ServiceValue {
    switch type {
    case .boolean: return try boolean(value)
    case .integer: return try integer(value)
    case .string: return try string(value)
    case .blob: return try blob(value)
    case .timestamp: return try timestamp(value)
    case .list(let element, _):
      guard case .list(let elements) = value else { throw misplaced(value, scalar: "Expected list or null") }
      var typed: [ServiceValue] = []
      typed.reserveCapacity(elements.count)
      for item in elements { typed.append(item == .null ? .null : try check(item, element)) }
      return .list(typed)
    case .map(let element):
      guard case .map(let members) = value else { throw misplaced(value, scalar: "Expected map or null") }
      var typed: [ServiceMember] = []
      for member in members where member.value != .null {
        typed.append(ServiceMember(member.name, try check(member.value, element)))
      }
      return .map(typed)
    case .structure(let members):
      guard case .map = value else { throw misplaced(value, scalar: "Expected null") }
      return try structure(value, members)
    }
  }

  private static func boolean(_ value: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    switch value {
    case .bool: return value
    case .text(let text):
      switch text.lowercased() {
      case "true", "1", "yes": return .bool(true)
      case "false", "0", "no": return .bool(false)
      default: throw .serialization("'\(text.uppercased())' can not be converted to an Boolean")
      }
    default: throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to an Boolean")
    }
  }

  private static func integer(_ value: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    // Out of range values are cut to 32 bits, as the service's number class does.
    guard let integer = value.integer else {
      throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to an Integer")
    }
    return .integer(min(max(integer, Int64(Int32.min)), Int64(Int32.max)))
  }

  private static func string(_ value: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    guard case .text = value else {
      throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to an String")
    }
    return value
  }

  private static func timestamp(_ value: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    switch value {
    case .timestamp: return value
    case .integer(let seconds):
      return .timestamp(milliseconds: seconds.multipliedSaturated(by: 1000))
    case .number(let seconds):
      return .timestamp(milliseconds: Int64(saturating: seconds * 1000))
    default:
      throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to milliseconds since epoch")
    }
  }

  private static func blob(_ value: ServiceValue) throws(ServiceFailure) -> ServiceValue {
    switch value {
    case .blob: return value
    case .text(let text): return .blob(try blob(base64: text))
    default: throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to a Blob")
    }
  }

  private static func blob(base64 text: String) throws(ServiceFailure) -> [UInt8] {
    if let fault = Base64.message(for: text) { throw .serialization(fault) }
    return Base64.decoded(text)
  }

  /// What the service says of a list or structure where something else is expected, or the scalar's own text.
  private static func misplaced(_ value: ServiceValue, scalar: String) -> ServiceFailure {
    switch value {
    case .list: .serialization("Start of list found where not expected")
    case .map: .serialization("Start of structure or map found where not expected.")
    default: .serialization(scalar)
    }
  }

  private static func javaClass(_ value: ServiceValue) -> String {
    switch value {
    case .bool: "class java.lang.Boolean"
    case .text: "class java.lang.String"
    case .blob: "class java.nio.HeapByteBuffer"
    default: "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
    }
  }
}

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
