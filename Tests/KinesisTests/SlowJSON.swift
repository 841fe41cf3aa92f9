/// A JSON tree made by plain recursive descent (RFC 8259): the exact, slow reading that the fast ones are held against.
indirect enum SlowJSON: Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string([UInt8])
  case array([SlowJSON])
  case object([(name: [UInt8], value: SlowJSON)])

  struct Failure: Error {}

  /// Parses a whole text; throws for anything RFC 8259 does not allow.
  static func parse(_ text: [UInt8]) throws -> SlowJSON {
    // The text must be UTF-8 as a whole.
    guard String(validating: text, as: UTF8.self) != nil else { throw Failure() }
    var parser = Parser(text: text)
    let value = try parser.value()
    parser.space()
    guard parser.position == text.count else { throw Failure() }
    return value
  }

  /// The value of the last member of this name.
  subscript(name: String) -> SlowJSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == Array(name.utf8) }?.value
  }

  var bytes: [UInt8]? {
    if case .string(let bytes) = self { return bytes }
    return nil
  }

  static func == (left: SlowJSON, right: SlowJSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)):
      left.map(\.name) == right.map(\.name) && left.map(\.value) == right.map(\.value)
    default: false
    }
  }

  private struct Parser {
    let text: [UInt8]
    var position = 0

    var current: UInt8? { position < text.count ? text[position] : nil }

    mutating func space() {
      while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    mutating func take(_ literal: String) throws {
      guard text[position...].starts(with: literal.utf8) else { throw Failure() }
      position += literal.utf8.count
    }

    mutating func value() throws -> SlowJSON {
      space()
      switch current {
      case UInt8(ascii: "{"):
        position += 1
        var members: [(name: [UInt8], value: SlowJSON)] = []
        space()
        if current == UInt8(ascii: "}") {
          position += 1
          return .object(members)
        }
        while true {
          space()
          let name = try string()
          space()
          try take(":")
          members.append((name, try value()))
          space()
          if current != UInt8(ascii: ",") { break }
          position += 1
        }
        try take("}")
        return .object(members)
      case UInt8(ascii: "["):
        position += 1
        var elements: [SlowJSON] = []
        space()
        if current == UInt8(ascii: "]") {
          position += 1
          return .array(elements)
        }
        while true {
          elements.append(try value())
          space()
          if current != UInt8(ascii: ",") { break }
          position += 1
        }
        try take("]")
        return .array(elements)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "n"):
        try take("null")
        return .null
      case UInt8(ascii: "t"):
        try take("true")
        return .bool(true)
      case UInt8(ascii: "f"):
        try take("false")
        return .bool(false)
      default: return .number(try number())
      }
    }

    mutating func number() throws -> String {
      let rest = String(decoding: text[position...], as: UTF8.self)
      guard let match = try #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/#.prefixMatch(in: rest) else {
        throw Failure()
      }
      position += match.output.0.utf8.count
      return String(match.output.0)
    }

    mutating func string() throws -> [UInt8] {
      try take("\"")
      // UTF-16 units first, so that surrogate pairs join by themselves.
      var units: [UInt16] = []
      var plain: [UInt8] = []
      func joined() -> [UInt16] { units + String(decoding: plain, as: UTF8.self).utf16 }
      while let byte = current {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return Array(String(decoding: joined(), as: UTF16.self).utf8)
        case UInt8(ascii: "\\"):
          units = joined()
          plain = []
          guard let kind = current else { throw Failure() }
          position += 1
          if kind == UInt8(ascii: "u") {
            guard position + 4 <= text.count else { throw Failure() }
            let digits = text[position..<position + 4]
            guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }),
              let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw Failure() }
            units.append(unit)
            position += 4
          } else {
            let meanings: [Character: UInt16] = [
              "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
            ]
            guard let unit = meanings[Character(Unicode.Scalar(kind))] else { throw Failure() }
            units.append(unit)
          }
        case ..<0x20: throw Failure()
        default: plain.append(byte)
        }
      }
      throw Failure()
    }
  }
}
