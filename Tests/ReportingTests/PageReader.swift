/// Reads a finished page the way a strict parser would: elements, ids, texts and the boxes of labels.
struct PageReader {
  /// An element's start.
  struct Tag {
    let name: String
    let attributes: [String: String]
  }

  /// A text of a drawing with what its box depends on.
  struct Label {
    let drawing: String
    let text: String
    let x: Double
    let y: Double
    let size: Double
    let anchor: String

    /// Left, right, top, bottom, at 0.62 em a character.
    var box: (left: Double, right: Double, top: Double, bottom: Double) {
      let width = Double(text.count) * size * 0.62
      let left = anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x
      return (left, left + width, y - size * 0.75, y + size * 0.2)
    }
  }

  /// What is wrong with the nesting; empty when nothing is.
  private(set) var faults: [String] = []
  /// Every element in order.
  private(set) var tags: [Tag] = []
  /// The texts of drawings.
  private(set) var labels: [Label] = []
  /// The page without its tags, scripts and styles; entities decoded.
  private(set) var text = ""

  private static let void: Set<String> = ["meta", "br", "!doctype", "?xml"]

  init(_ page: String) {
    let bytes = Array(page.utf8)
    var open: [Tag] = []
    var position = 0
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        let piece = PageReader.decoded(string(start..<position))
        if let parent = open.last {
          if parent.name == "text" { addLabel(parent, piece, open) }
          if parent.name != "style", parent.name != "script" { text += piece }
        }
        continue
      }
      var end = position + 1
      var quote: UInt8 = 0
      while end < bytes.count, quote != 0 || bytes[end] != UInt8(ascii: ">") {
        if quote == 0, bytes[end] == UInt8(ascii: "\"") {
          quote = bytes[end]
        } else if bytes[end] == quote {
          quote = 0
        }
        end += 1
      }
      guard end < bytes.count else {
        faults.append("a tag without its end at \(position)")
        break
      }
      let inside = string(position + 1..<end)
      position = end + 1
      if inside.hasPrefix("/") {
        let name = String(inside.dropFirst())
        if open.last?.name == name {
          open.removeLast()
        } else {
          faults.append("</\(name)> closes \(open.last?.name ?? "nothing")")
        }
        continue
      }
      let tag = PageReader.tag(inside)
      tags.append(tag)
      if !inside.hasSuffix("/"), !PageReader.void.contains(tag.name.lowercased()) { open.append(tag) }
      if tag.name == "script" || tag.name == "style" {
        let closing = Array("</\(tag.name)>".utf8)
        while position + closing.count <= bytes.count,
          !bytes[position..<position + closing.count].elementsEqual(closing)
        {
          position += 1
        }
      }
    }
    if !open.isEmpty { faults.append("never closed: \(open.map(\.name))") }
  }

  private mutating func addLabel(_ tag: Tag, _ piece: String, _ open: [Tag]) {
    let drawing = open.last { $0.name == "svg" }?.attributes["id"] ?? "?"
    labels.append(
      Label(
        drawing: drawing, text: piece, x: Double(tag.attributes["x"] ?? "") ?? .nan,
        y: Double(tag.attributes["y"] ?? "") ?? .nan, size: Double(tag.attributes["font-size"] ?? "11") ?? .nan,
        anchor: tag.attributes["text-anchor"] ?? "start"))
  }

  private static func tag(_ inside: String) -> Tag {
    var rest = Substring(inside)
    if rest.hasSuffix("/") { rest.removeLast() }
    let name = rest.prefix { $0 != " " && $0 != "\n" }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let equals = rest.firstIndex(of: "="), let first = rest[equals...].firstIndex(of: "\"") {
      let key = rest[..<equals].split(separator: " ").last.map(String.init) ?? ""
      let after = rest.index(after: first)
      guard let last = rest[after...].firstIndex(of: "\"") else { break }
      attributes[key] = decoded(String(rest[after..<last]))
      rest = rest[rest.index(after: last)...]
    }
    return Tag(name: String(name), attributes: attributes)
  }

  private static func decoded(_ text: String) -> String {
    guard text.contains("&") else { return text }
    return text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }
}
