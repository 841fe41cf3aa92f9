import Kinesis
import StrictJSON

/// Where a value is found in a JSON document (RFC 6901), as `/event/id`.
package struct JSONPointer: Sendable, Hashable {
  /// Names of members and indices of elements, from the root.
  package let tokens: [String]

  /// Reads a pointer; `nil` unless it begins with a slash and every `~` stands before 0 or 1.
  package init?(_ text: String) {
    guard text.hasPrefix("/") else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      var token = ""
      var rest = part[...]
      while let character = rest.popFirst() {
        guard character == "~" else {
          token.append(character)
          continue
        }
        switch rest.popFirst() {
        case "0": token.append("~")
        case "1": token.append("/")
        default: return nil
        }
      }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  /// The text of the string or number it points to; `nil` where there is none.
  func text(in data: [UInt8]) -> String? {
    guard var node = try? JSONDocument.parse(data, source: "record") else { return nil }
    for token in tokens {
      switch node.kind {
      case .object(let members):
        guard let member = members.first(where: { $0.name == token }) else { return nil }
        node = member.value
      case .array(let elements):
        guard let index = Int(token), elements.indices.contains(index) else { return nil }
        node = elements[index]
      default: return nil
      }
    }
    switch node.kind {
    case .string(let text): return text
    case .integer(let number): return node.written ?? "\(number)"
    case .number(let number): return node.written ?? "\(number)"
    default: return nil
    }
  }
}

/// Records that must arrive, by the name each has: its identifier, or the SHA-256 of its data in lower-case hexadecimal.
package struct ExpectedRecords: Sendable {
  /// Prints of the names.
  let prints: Set<UInt64>

  /// How many there are.
  package var count: Int { prints.count }

  /// Of these names, which all differ.
  package init(names: [String]) {
    prints = Set(names.map { Self.print(of: $0) })
  }

  static func print(of name: String) -> UInt64 {
    var name = name
    return name.withUTF8 { name in
      ContentPrint.of(
        key: UnsafeRawBufferPointer(start: nil, count: 0), hashKey: nil, base64: UnsafeRawBufferPointer(name))
    }
  }
}
