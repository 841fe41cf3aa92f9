/// The way from the document's root to a value, written as a person would: `phases[1].rate`.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  /// The path as text; empty for the root.
  package let description: String

  /// The document itself.
  package static let root = JSONPath(text: "")

  private init(text: String) { description = text }

  /// True for the document itself.
  package var isRoot: Bool { description.isEmpty }

  /// The path of an object's member. A name that is not a plain word is quoted: `values["a.b"]`.
  package func member(_ name: String) -> JSONPath {
    guard Self.isPlain(name) else {
      var bytes: [UInt8] = []
      JSONStringEscaping.append(name, to: &bytes)
      return JSONPath(text: description + "[" + String(decoding: bytes, as: UTF8.self) + "]")
    }
    return JSONPath(text: isRoot ? name : description + "." + name)
  }

  /// The path of an array's element, counted from 0.
  package func element(_ index: Int) -> JSONPath { JSONPath(text: "\(description)[\(index)]") }

  private static func isPlain(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x5F || byte == 0x2D || byte == 0x24
    }
  }
}
