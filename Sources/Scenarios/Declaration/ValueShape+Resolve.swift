import Measurement
import StrictJSON

extension ValueShape {
  /// Completes "expected …" for a value that is not of this shape.
  var expected: String {
    switch self {
    case .flag: return "true or false"
    case .integer(let range, let noun):
      let what = noun.isEmpty ? "a whole number" : "a whole number of \(noun)"
      if range.upperBound == Int64.max { return "\(what), at least \(range.lowerBound)" }
      return "\(what) from \(range.lowerBound) to \(range.upperBound)"
    case .integerOr(let words, let range, let noun):
      return
        "\(ValueShape.integer(range, noun: noun).expected), or \(words.map { "\"\($0)\"" }.joined(separator: ", "))"
    case .number(let range, let noun):
      let low = JSONNumberText.text(of: range.lowerBound)
      guard range.upperBound.isFinite else { return "\(noun), at least \(low)" }
      return "\(noun) from \(low) to \(JSONNumberText.text(of: range.upperBound))"
    case .ratio(let range):
      let low = JSONNumberText.text(of: range.lowerBound)
      return "a share from \(low) to \(JSONNumberText.text(of: range.upperBound)), or in per cent like \"20%\""
    case .duration(let range, let unbounded):
      let more = unbounded ? ", or \"unbounded\"" : ""
      if range.upperBound == Int64.max {
        return "a duration like \"250ms\", \"20s\" or \"2m\", at least \(UnitText.duration(range.lowerBound))\(more)"
      }
      return
        "a duration from \"\(UnitText.duration(range.lowerBound))\" to \"\(UnitText.duration(range.upperBound))\"\(more)"
    case .size(let range):
      return
        "a size with its unit, from \"\(UnitText.size(range.lowerBound))\" to \"\(UnitText.size(range.upperBound))\""
    case .rate: return "a number of records per second from 0 to 1000000000 (bytes: a size like \"5MiB\" per second)"
    case .bound: return "a number, a ratio like \"1%\" or a duration like \"150ms\""
    case .text(let rule): return rule.expected
    case .word(let words) where words.count == 1: return words.map { "\"\($0)\"" }.joined()
    case .word(let words): return "one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))"
    case .profile(let words, let numbers):
      return "one of \(words.map { "\"\($0)\"" }.joined(separator: ", ")), or \(numbers.noun)"
    case .list(_, let count, let noun):
      if count.upperBound == Int.max { return "a list of at least \(count.lowerBound) \(noun)" }
      return "a list of \(count.lowerBound) to \(count.upperBound) \(noun)"
    case .object(let declaration): return declaration.noun
    case .choice(let choice):
      let bare = choice.bareTypes.map { "\"\($0.name)\"" }
      let others = choice.types.filter { !$0.isBare || $0.name == choice.shorthand?.type }.map(\.name)
      var ways = choice.shorthand.map { [$0.expected] } ?? []
      ways += bare
      if !others.isEmpty { ways.append("{\"type\": …} of " + others.joined(separator: ", ")) }
      return "\(choice.noun): " + ways.dropLast().joined(separator: ", ")
        + (ways.count > 1 ? ", or " : "") + (ways.last ?? "")
    }
  }

  /// Decodes a value of this shape.
  ///
  /// - Throws: `JSONFailure` with the path of the first thing wrong.
  func resolve(_ node: JSONNode) throws(JSONFailure) -> ResolvedNode {
    switch self {
    case .flag:
      return ResolvedNode(value: .flag(try node.bool(expected: expected)), node: node)
    case .integer(let range, _):
      return ResolvedNode(value: .integer(try node.integer(in: range, expected: expected)), node: node)
    case .integerOr(let words, let range, _):
      if case .string = node.kind { return try Self.word(node, of: words, expected: expected) }
      return ResolvedNode(value: .integer(try node.integer(in: range, expected: expected)), node: node)
    case .number(let range, _):
      return ResolvedNode(value: .number(try node.number(in: range, expected: expected)), node: node)
    case .ratio(let range):
      return ResolvedNode(value: .number(try ratio(node, in: range)), node: node)
    case .duration(let range, let unbounded):
      return ResolvedNode(value: .duration(try duration(node, in: range, unbounded: unbounded)), node: node)
    case .size(let range):
      return ResolvedNode(value: .size(try size(node, in: range)), node: node)
    case .rate:
      if case .string(let text) = node.kind {
        guard let bytes = UnitText.bytes(of: text) else { throw node.failure(expected: expected) }
        return ResolvedNode(value: .size(bytes), node: node)
      }
      return ResolvedNode(value: .number(try node.number(in: 0...1e9, expected: expected)), node: node)
    case .bound:
      return ResolvedNode(value: try bound(node), node: node)
    case .text(let rule):
      let text = try node.string(expected: rule.expected)
      guard rule.accepts(text) else { throw node.failure(expected: rule.expected) }
      return ResolvedNode(value: .text(text), node: node)
    case .word(let words):
      return try Self.word(node, of: words, expected: expected)
    case .profile(let words, let numbers):
      var object = node
      if case .string(let text) = node.kind {
        guard text.contains("=") else { return try Self.word(node, of: words, expected: expected) }
        object = node.object(of: Substring(text))
      }
      let reader = try object.object(expected: expected)
      // JSON says each name once; the short form may not.
      var names = Set<String>()
      for member in reader.members where !names.insert(member.name).inserted {
        throw member.value.failure(expected: "each limit once", found: "a second one")
      }
      return ResolvedNode(value: .object(try Self.fields(numbers.fields, of: reader)), node: object)
    case .list(let element, let count, _):
      let nodes = try node.array(expected: expected)
      guard count.contains(nodes.count) else {
        throw node.failure(expected: expected, found: nodes.isEmpty ? nil : "\(nodes.count) of them")
      }
      var elements: [ResolvedNode] = []
      for node in nodes { elements.append(try element.resolve(node)) }
      return ResolvedNode(value: .list(elements), node: node)
    case .object(let declaration):
      let reader = try node.object(expected: expected)
      return ResolvedNode(value: .object(try Self.fields(declaration.fields, of: reader)), node: node)
    case .choice(let choice):
      return try resolve(node, as: choice)
    }
  }

  private static func word(
    _ node: JSONNode, of words: [String], expected: String
  ) throws(JSONFailure) -> ResolvedNode {
    let word = try node.string(expected: expected)
    guard words.contains(word) else {
      throw node.failure(expected: expected, suggestion: nearestWord(to: word, in: words))
    }
    return ResolvedNode(value: .text(word), node: node)
  }

  private func resolve(_ node: JSONNode, as choice: ChoiceDeclaration) throws(JSONFailure) -> ResolvedNode {
    let names = choice.types.map(\.name)
    if case .object = node.kind {
      let reader = try node.object()
      let word = try reader.required("type", expected: "the field \"type\": one of \(names.joined(separator: ", "))")
      let name = try word.string(expected: "a type: one of \(names.joined(separator: ", "))")
      guard let type = choice.types.first(where: { $0.name == name }) else {
        throw word.failure(
          expected: "a type: one of \(names.joined(separator: ", "))", suggestion: nearestWord(to: name, in: names))
      }
      let fields = try Self.fields(type.fields, of: reader, besides: ["type"])
      return ResolvedNode(
        value: .object([("type", ResolvedNode(value: .text(name), node: word))] + fields), node: node)
    }
    if case .string(let name) = node.kind {
      if let type = choice.types.first(where: { $0.name == name }) {
        guard type.isBare else {
          let needed = type.fields.filter { if case .required = $0.fallback { true } else { false } }
          throw node.failure(
            expected:
              "an object {\"type\": \"\(name)\", …} with \(needed.map { "\"\($0.name)\"" }.joined(separator: ", "))",
            found: "the bare name \"\(name)\"")
        }
        return try resolve(
          JSONNode(.object([("type", .string(name))]), path: node.path, location: node.location), as: choice)
      }
    }
    if let shorthand = choice.shorthand, let type = choice.types.first(where: { $0.name == shorthand.type }),
      let field = type.fields.first(where: { $0.name == shorthand.field }), Self.looksLikeANumber(node)
    {
      let value = try field.shape.resolve(node)
      let rest = JSONNode(kind: .object([]), path: node.path, location: node.location)
      let fields = try Self.fields(
        type.fields.filter { $0.name != shorthand.field }.map { field in
          if case .required = field.fallback { preconditionFailure("the shorthand leaves \(field.name) open") }
          return field
        }, of: try rest.object())
      let ordered = type.fields.map { declared in
        fields.first { $0.name == declared.name } ?? (name: shorthand.field, value: value)
      }
      let word = ResolvedNode(value: .text(shorthand.type), node: node)
      return ResolvedNode(value: .object([(name: "type", value: word)] + ordered), node: node)
    }
    var suggestion: String?
    if case .string(let word) = node.kind { suggestion = nearestWord(to: word, in: names) }
    throw node.failure(expected: expected, suggestion: suggestion)
  }

  /// Whether a value is meant as an amount: then the amount's own message says what is wrong with it.
  private static func looksLikeANumber(_ node: JSONNode) -> Bool {
    switch node.kind {
    case .integer, .number: true
    case .string(let text): text.first.map { $0.isNumber || "+-.".contains($0) } ?? false
    default: false
    }
  }

  /// Decodes the fields of an object, fills in defaults, and refuses unknown fields first: a mistyped name is the
  /// likelier cause of a missing one.
  private static func fields(
    _ declarations: [FieldDeclaration], of reader: JSONObjectReader, besides: [String] = []
  ) throws(JSONFailure) -> [(name: String, value: ResolvedNode)] {
    try reader.finish(allowed: besides + declarations.map(\.name) + ["comment"])
    var fields: [(name: String, value: ResolvedNode)] = []
    for declaration in declarations {
      if let node = reader.optional(declaration.name) {
        fields.append((declaration.name, try declaration.shape.resolve(node)))
        continue
      }
      let here = JSONNode(
        kind: .null, path: reader.node.path.member(declaration.name), location: reader.node.location)
      switch declaration.fallback {
      case .required:
        throw reader.node.failure(
          expected: "the field \"\(declaration.name)\" (\(declaration.help))", found: "an object without it")
      case .absent:
        fields.append((declaration.name, ResolvedNode(value: .absent, node: here)))
      case .value(let value):
        let node = JSONNode(value, path: here.path, location: here.location)
        fields.append((declaration.name, try declaration.shape.resolve(node)))
      case .derived(_, let rule):
        let siblings = ResolvedNode(value: .object(fields), node: reader.node)
        let node = JSONNode(rule(siblings), path: here.path, location: here.location)
        fields.append((declaration.name, try declaration.shape.resolve(node)))
      }
    }
    return fields
  }

  private func ratio(_ node: JSONNode, in range: ClosedRange<Double>) throws(JSONFailure) -> Double {
    if case .string(let text) = node.kind {
      guard let share = Self.percent(text), range.contains(share) else { throw node.failure(expected: expected) }
      return share
    }
    return try node.number(in: range, expected: expected)
  }

  private func duration(
    _ node: JSONNode, in range: ClosedRange<Int64>, unbounded: Bool
  ) throws(JSONFailure) -> Int64? {
    let text = try node.string(expected: expected)
    if unbounded, text == "unbounded" { return nil }
    guard let nanoseconds = UnitText.nanoseconds(of: text), range.contains(nanoseconds) else {
      throw node.failure(expected: expected)
    }
    return nanoseconds
  }

  private func size(_ node: JSONNode, in range: ClosedRange<Int64>) throws(JSONFailure) -> Int64 {
    if case .string(let text) = node.kind {
      guard let bytes = UnitText.bytes(of: text), range.contains(bytes) else { throw node.failure(expected: expected) }
      return bytes
    }
    return try node.integer(in: range, expected: expected)
  }

  private func bound(_ node: JSONNode) throws(JSONFailure) -> ResolvedNode.Value {
    guard case .string(let text) = node.kind else {
      return .number(try node.number(in: 0...Double.greatestFiniteMagnitude, expected: expected))
    }
    if let share = Self.percent(text) { return .number(share) }
    if let nanoseconds = UnitText.nanoseconds(of: text) { return .duration(nanoseconds) }
    if let bytes = UnitText.bytes(of: text) { return .size(bytes) }
    throw node.failure(expected: expected)
  }

  private static func percent(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let number = Double(text.dropLast()), number.isFinite, number >= 0 else { return nil }
    return number / 100
  }
}

extension JSONNode {
  /// An object of `field=value,…` where the text stands; numbers become numbers, everything else text.
  ///
  /// - Parameters:
  ///   - fields: the text.
  ///   - first: members that stand before the fields.
  ///   - nameless: the name of a field that is only a value; nil where each has its name.
  package func object(
    of fields: Substring, after first: [(String, JSONValue)] = [], nameless: String? = nil
  ) -> JSONNode {
    var members = first.map { name, value in
      JSONMember(name: name, location: location, value: JSONNode(value, path: path.member(name), location: location))
    }
    for field in fields.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = sides.count == 2 ? String(sides[0]) : nameless ?? String(field)
      let text = String(sides.count == 2 || nameless != nil ? sides[sides.count - 1] : "")
      let kind = Int64(text).map { Kind.integer($0) } ?? Double(text).map { .number($0) } ?? .string(text)
      members.append(
        JSONMember(
          name: name, location: location,
          value: JSONNode(kind: kind, path: path.member(name), location: location, written: text)))
    }
    return JSONNode(kind: .object(members), path: path, location: location)
  }
}
