import Kinesis

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
    case .text(let text): return .blob(try Base64Text.decode(text))
    default: throw misplaced(value, scalar: "\(javaClass(value)) can not be converted to a Blob")
    }
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
