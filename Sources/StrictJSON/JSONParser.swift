/// A whole JSON text (RFC 8259), read strictly.
package enum JSONDocument {
  /// Containers may be nested this deep; the reader is recursive and a scenario needs no more than ten levels.
  package static let maximumDepth = 64

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8; a byte order mark at its start is passed over.
  ///   - source: the name messages give to the text, usually its file's.
  /// - Throws: `JSONFailure` with line and column for anything RFC 8259 does not allow, and also for a name that occurs
  ///   twice in one object, a number beyond a double, or nesting beyond `maximumDepth`.
  package static func parse(_ bytes: [UInt8], source: String) throws(JSONFailure) -> JSONNode {
    var parser = JSONParser(bytes: bytes, source: source)
    return try parser.parseDocument()
  }

  /// Reads the value of an option: JSON where it is JSON, else a text, so that `9000` is a number and `20ms` needs no quotes.
  ///
  /// - Parameter source: the option's name for messages, which then have no line or column.
  /// - Throws: `JSONFailure` for what begins as an object, a list or a quoted text and is none.
  package static func option(_ text: String, source: String) throws(JSONFailure) -> JSONNode {
    let location = JSONLocation(source: source)
    do throws(JSONFailure) {
      return try parse(Array(text.utf8), source: source).moved(to: .root, location: location)
    } catch {
      guard let first = text.utf8.first, "{[\"".utf8.contains(first) else {
        return JSONNode(kind: .string(text), path: .root, location: location)
      }
      throw JSONFailure(location: location, path: error.path, expected: error.expected, found: error.found)
    }
  }
}

/// The recursive-descent reader behind `JSONDocument.parse`.
struct JSONParser {
  private let bytes: [UInt8]
  private let source: String
  private var position = 0
  private var line = 1
  private var lineStart = 0
  private var depth = 0

  init(bytes: [UInt8], source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// Reads one value and refuses anything after it.
  mutating func parseDocument() throws(JSONFailure) -> JSONNode {
    if let encoding = ForeignEncoding(bytes) {
      throw JSONFailure(
        location: JSONLocation(source: source), path: .root, expected: "text in UTF-8", found: "text in \(encoding)")
    }
    // A byte order mark, which some editors put before their text; columns count without it.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { (position, lineStart) = (3, 3) }
    skipSpace()
    guard position < bytes.count else {
      throw failure(.root, expected: "a JSON document", found: "an empty file")
    }
    let node = try value(at: .root)
    skipSpace()
    guard position == bytes.count else {
      throw failure(.root, expected: "the end of the file after the document", found: foundHere)
    }
    return node
  }

  private mutating func value(at path: JSONPath) throws(JSONFailure) -> JSONNode {
    let start = here
    guard position < bytes.count else { throw failure(path, expected: "a value", found: foundHere) }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      return JSONNode(kind: .object(try members(of: path)), path: path, location: start)
    case UInt8(ascii: "["):
      return JSONNode(kind: .array(try elements(of: path)), path: path, location: start)
    case UInt8(ascii: "\""):
      return JSONNode(kind: .string(try string(at: path)), path: path, location: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let first = position
      let kind = try number(at: path)
      let written = String(decoding: bytes[first..<position], as: UTF8.self)
      return JSONNode(kind: kind, path: path, location: start, written: written)
    default:
      for (word, kind) in [("true", JSONNode.Kind.bool(true)), ("false", .bool(false)), ("null", .null)]
      where bytes[position...].starts(with: word.utf8) {
        position += word.utf8.count
        return JSONNode(kind: kind, path: path, location: start)
      }
      throw failure(path, expected: "a value", found: foundHere)
    }
  }

  private mutating func members(of path: JSONPath) throws(JSONFailure) -> [JSONMember] {
    try enter(path)
    defer { depth -= 1 }
    var members: [JSONMember] = []
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return members }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        let isTrailing = position < bytes.count && bytes[position] == UInt8(ascii: "}")
        throw failure(
          path, expected: "a field name in double quotes", found: isTrailing ? "\"}\" after a comma" : foundHere)
      }
      let nameLocation = here
      let name = try string(at: path)
      let memberPath = path.member(name)
      guard names.insert(name).inserted else {
        throw JSONFailure(
          location: nameLocation, path: memberPath, expected: "each field once",
          found: "\(JSONNode.quoted(name)) a second time")
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else {
        throw failure(memberPath, expected: "\":\" after the field name", found: foundHere)
      }
      skipSpace()
      members.append(JSONMember(name: name, location: nameLocation, value: try value(at: memberPath)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else {
        throw failure(memberPath, expected: "\",\" or \"}\" after the value", found: foundHere)
      }
    }
  }

  private mutating func elements(of path: JSONPath) throws(JSONFailure) -> [JSONNode] {
    try enter(path)
    defer { depth -= 1 }
    var elements: [JSONNode] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      skipSpace()
      let elementPath = path.element(elements.count)
      if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
        throw failure(path, expected: "a value", found: "\"]\" after a comma")
      }
      elements.append(try value(at: elementPath))
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else {
        throw failure(elementPath, expected: "\",\" or \"]\" after the value", found: foundHere)
      }
    }
  }

  private mutating func enter(_ path: JSONPath) throws(JSONFailure) {
    depth += 1
    guard depth <= JSONDocument.maximumDepth else {
      throw failure(path, expected: "at most \(JSONDocument.maximumDepth) levels of nesting", found: "one more")
    }
    position += 1
  }

  private mutating func string(at path: JSONPath) throws(JSONFailure) -> String {
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure(path, expected: "a string in UTF-8", found: "bytes that are not UTF-8")
        }
        position += 1
        return string
      case UInt8(ascii: "\\"):
        try escape(into: &text, at: path)
      case 0..<0x20:
        throw failure(
          path, expected: "a string without raw control characters",
          found: byte == 0x0A || byte == 0x0D ? "the end of the line inside a string" : foundHere)
      default:
        text.append(byte)
        position += 1
      }
    }
    throw failure(path, expected: "the closing quote of a string", found: foundHere)
  }

  private mutating func escape(into text: inout [UInt8], at path: JSONPath) throws(JSONFailure) {
    let start = position
    position += 1
    guard position < bytes.count else { throw failure(path, expected: "an escape", found: foundHere) }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = hexadecimal()
      if let high = code, (0xD800..<0xDC00).contains(high), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        code = hexadecimal().flatMap { low in
          (0xDC00..<0xE000).contains(low) ? 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00) : nil
        }
      }
      guard let code, let scalar = Unicode.Scalar(code) else {
        position = start
        throw failure(
          path, expected: "four hexadecimal digits of a character, or of a pair of surrogates", found: foundHere)
      }
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default:
      position = start
      throw failure(
        path, expected: "an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
        found: "\"\\\(String(decoding: [letter], as: UTF8.self))\"")
    }
  }

  private mutating func hexadecimal() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  private mutating func number(at path: JSONPath) throws(JSONFailure) -> JSONNode.Kind {
    let start = position
    var isInteger = true
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if digits() > 0 {
        position = start
        throw failure(path, expected: "a number without leading zeros", found: token(from: start))
      }
    } else if digits() == 0 {
      position = start
      throw failure(path, expected: "a number", found: foundHere)
    }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      guard digits() > 0 else { throw failure(path, expected: "a digit after the decimal point", found: foundHere) }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() > 0 else { throw failure(path, expected: "a digit in the exponent", found: foundHere) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      position = start
      throw failure(path, expected: "a number that fits 64-bit floating point", found: token(from: start))
    }
    return .number(number)
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    return position - start
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0D: position += 1
      case 0x0A:
        position += 1
        line += 1
        lineStart = position
      default: return
      }
    }
  }

  private var here: JSONLocation { JSONLocation(source: source, line: line, column: position - lineStart + 1) }

  private func failure(_ path: JSONPath, expected: String, found: String) -> JSONFailure {
    JSONFailure(location: here, path: path, expected: expected, found: found)
  }

  /// What stands at the current position, in a few words.
  private var foundHere: String {
    guard position < bytes.count else { return "the end of the file" }
    let byte = bytes[position]
    if bytes[position...].starts(with: "//".utf8) || bytes[position...].starts(with: "/*".utf8) {
      return "a comment (write it as a \"comment\" field)"
    }
    if byte == UInt8(ascii: "'") { return "a single quote" }
    if byte == UInt8(ascii: "\"") { return "a string" }
    if byte < 0x20 { return "the control character \(byte)" }
    return token(from: position)
  }

  /// The word from a position on, at most 20 characters, in quotes.
  private func token(from start: Int) -> String {
    var end = start
    while end < bytes.count, bytes[end] > 0x20, !",]}:".utf8.contains(bytes[end]) { end += 1 }
    if end == start { end = min(start + 1, bytes.count) }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    return JSONNode.quoted(text.count > 20 ? String(text.prefix(20)) + "…" : text)
  }
}

/// Text of another encoding than UTF-8, told by its first bytes: what editors of some systems save as "Unicode".
package enum ForeignEncoding: String, Sendable, CustomStringConvertible {
  case utf16 = "UTF-16"
  case utf32 = "UTF-32"

  /// The encoding of a text that begins with these bytes; nil for UTF-8, and for what is no such text.
  ///
  /// By a byte order mark (The Unicode Standard, 23.8), else by where the zero bytes of a first ASCII character are
  /// (RFC 4627, section 3).
  package init?(_ bytes: some Sequence<UInt8>) {
    let first = Array(bytes.prefix(4))
    switch first {
    case [0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF]: self = .utf32
    case _ where first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]): self = .utf16
    default:
      switch first.map({ $0 == 0 }) {
      case [false, true, true, true], [true, true, true, false]: self = .utf32
      case [false, true, false, true], [true, false, true, false]: self = .utf16
      default: return nil
      }
    }
  }

  package var description: String { rawValue }
}
