import StrictJSON

/// One `--set path=value`: `client.producers=8`, `phases[burst].rate=9000`.
package struct SetOption: Sendable {
  /// As given.
  package let text: String
  /// What made the change, for messages: `--set batch.records=100`.
  private let location: JSONLocation
  private let steps: [Step]
  private let value: JSONNode

  private enum Step: Hashable, Sendable {
    case member(String)
    /// `[2]`, or `[burst]` for the element whose `name` it is; on an object a quoted member.
    case element(String)
  }

  /// Reads an option.
  ///
  /// - Parameters:
  ///   - text: a path, an equals sign and a value.
  ///   - flag: the option with its value that stands for this change, as `--scale 3`; nil for `--set` itself.
  /// - Throws: `JSONFailure` when it is not a path, an equals sign and a value, or the value begins as JSON and is none.
  package init(_ text: String, of flag: String? = nil) throws(JSONFailure) {
    self.text = text
    location = JSONLocation(source: flag ?? "--set \(text)")
    guard let equals = text.firstIndex(of: "="), let steps = Self.steps(text[..<equals]) else {
      throw JSONFailure(
        location: JSONLocation(source: flag ?? "--set"), path: .root,
        expected: "path=value, such as batch.records=100 or phases[burst].rate=9000", found: JSONNode.quoted(text))
    }
    self.steps = steps
    value = try JSONDocument.option(String(text[text.index(after: equals)...]), source: location.source)
  }

  private static func steps(_ path: Substring) -> [Step]? {
    var steps: [Step] = []
    var rest = path
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let close = rest.firstIndex(of: "]") else { return nil }
        let inner = rest[rest.index(after: rest.startIndex)..<close]
        let name = inner.count >= 2 && inner.first == "\"" && inner.last == "\"" ? inner.dropFirst().dropLast() : inner
        guard !name.isEmpty else { return nil }
        steps.append(.element(String(name)))
        rest = rest[rest.index(after: close)...]
        if rest.first == "." {
          rest = rest.dropFirst()
          if rest.isEmpty { return nil }
        } else if !rest.isEmpty, rest.first != "[" {
          return nil
        }
      } else {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { return nil }
        steps.append(.member(String(name)))
        rest = rest.dropFirst(name.count)
        if rest.first == "." {
          rest = rest.dropFirst()
          if rest.isEmpty || rest.first == "[" { return nil }
        }
      }
    }
    return steps.isEmpty ? nil : steps
  }

  /// The document with the value put in its place; objects on the way are made where there are none.
  ///
  /// - Throws: `JSONFailure` when the way leads through a plain value or to an element that does not exist. Whether
  ///   the field exists and the value is allowed is checked with the whole document.
  package func applied(to root: JSONNode) throws(JSONFailure) -> JSONNode {
    try replaced(root, at: steps[...])
  }

  private func replaced(_ node: JSONNode, at steps: ArraySlice<Step>) throws(JSONFailure) -> JSONNode {
    guard let step = steps.first else { return value.moved(to: node.path, location: location) }
    let rest = steps.dropFirst()
    switch (node.kind, step) {
    case (.object(var members), .member(let name)), (.object(var members), .element(let name)):
      if let index = members.firstIndex(where: { $0.name == name }) {
        let member = members[index]
        members[index] = JSONMember(
          name: name, location: member.location, value: try replaced(member.value, at: rest))
      } else {
        let empty = JSONNode(kind: .object([]), path: node.path.member(name), location: location)
        members.append(JSONMember(name: name, location: location, value: try replaced(empty, at: rest)))
      }
      return JSONNode(kind: .object(members), path: node.path, location: node.location)
    case (.array(var nodes), .element(let name)):
      let index = try index(of: name, in: nodes, of: node)
      nodes[index] = try replaced(nodes[index], at: rest)
      return JSONNode(kind: .array(nodes), path: node.path, location: node.location)
    case (.array, .member(let name)):
      throw JSONFailure(
        location: location, path: node.path, expected: "an element, such as \(node.path)[0]",
        found: "the field \(JSONNode.quoted(name))")
    default:
      throw JSONFailure(
        location: location, path: node.path, expected: "an object to set a field of", found: node.summary)
    }
  }

  private func index(of name: String, in nodes: [JSONNode], of list: JSONNode) throws(JSONFailure) -> Int {
    if let index = Int(name), nodes.indices.contains(index) { return index }
    let names = nodes.map { node -> String in
      guard let reader = try? node.object(), case .string(let text)? = reader.optional("name")?.kind else { return "" }
      return text
    }
    if let index = names.firstIndex(of: name) { return index }
    let known = names.filter { !$0.isEmpty }
    let byName = known.isEmpty ? "" : ", or by name: \(known.joined(separator: ", "))"
    throw JSONFailure(
      location: location, path: list.path,
      expected: nodes.isEmpty ? "an element" : "an element from 0 to \(nodes.count - 1)\(byName)",
      found: JSONNode.quoted(name), suggestion: Int(name) == nil ? nearestWord(to: name, in: known) : nil)
  }
}
