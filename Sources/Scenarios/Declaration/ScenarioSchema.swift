import StrictJSON

/// The JSON Schema of scenarios (draft 2020-12), made from the declaration the decoder reads by.
package enum ScenarioSchema {
  /// The version of the language, as a scenario's `schema` says it.
  package static var version: String { ScenarioLanguage.version }

  /// The whole schema, as `shardmeter schema` prints it.
  package static var json: JSONValue {
    guard case .object(let members) = object(ScenarioLanguage.document.fields) else { return .null }
    return SchemaDefinitions.extracted(
      from: .object(
        [
          ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", "shardmeter scenario"),
          ("description", "A workload for a Kinesis-compatible endpoint."),
        ] + members))
  }

  private static func object(_ fields: [FieldDeclaration], type: String? = nil) -> JSONValue {
    var properties: [(String, JSONValue)] = []
    if let type { properties.append(("type", .object([("const", .string(type))]))) }
    properties += fields.map { ($0.name, field($0)) }
    // Anything; ignored.
    properties.append(("comment", true))
    var required: [JSONValue] = type == nil ? [] : ["type"]
    for field in fields { if case .required = field.fallback { required.append(.string(field.name)) } }
    var members: [(String, JSONValue)] = [("type", "object"), ("properties", .object(properties))]
    if !required.isEmpty { members.append(("required", .array(required))) }
    members.append(("additionalProperties", false))
    return .object(members)
  }

  private static func field(_ field: FieldDeclaration) -> JSONValue {
    var members: [(String, JSONValue)] = []
    let unit = field.unit.isEmpty ? "" : " Unit: \(field.unit)."
    var fallback = ""
    if case .derived(let rule, _) = field.fallback { fallback = " Default: \(rule)." }
    members.append(("description", .string(field.help + unit + fallback)))
    if case .value(let value) = field.fallback { members.append(("default", value)) }
    if case .object(let shape) = schema(field.shape) { members += shape }
    return .object(members)
  }

  private static func schema(_ shape: ValueShape) -> JSONValue {
    switch shape {
    case .flag: return ["type": "boolean"]
    case .integer(let range, _):
      var members: [(String, JSONValue)] = [("type", "integer"), ("minimum", .integer(range.lowerBound))]
      if range.upperBound != Int64.max { members.append(("maximum", .integer(range.upperBound))) }
      return .object(members)
    case .integerOr(let words, let range, let noun):
      return [
        "anyOf": [schema(.integer(range, noun: noun)), ["enum": .array(words.map { .string($0) })]]
      ]
    case .number(let range, _):
      return ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .ratio(let range):
      return [
        "anyOf": [
          ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)], percent,
        ]
      ]
    case .duration(_, let unbounded):
      return unbounded ? ["anyOf": [duration, ["const": "unbounded"]]] : duration
    case .size(let range):
      return [
        "anyOf": [
          ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)], size,
        ]
      ]
    case .rate: return ["anyOf": [["type": "number", "minimum": 0, "maximum": 1_000_000_000], size]]
    case .bound: return ["anyOf": [["type": "number", "minimum": 0], percent, duration, size]]
    case .text(let rule):
      return rule.pattern.map { ["type": "string", "pattern": .string($0)] } ?? ["type": "string"]
    case .word(let words): return ["enum": .array(words.map { .string($0) })]
    case .profile(let words, let numbers):
      return [
        "anyOf": [
          ["enum": .array(words.map { .string($0) })], ["type": "string", "pattern": "="], object(numbers.fields),
        ]
      ]
    case .list(let element, let count, _):
      var members: [(String, JSONValue)] = [("type", "array"), ("items", schema(element))]
      if count.lowerBound > 0 { members.append(("minItems", .integer(Int64(count.lowerBound)))) }
      if count.upperBound != Int.max { members.append(("maxItems", .integer(Int64(count.upperBound)))) }
      return .object(members)
    case .object(let declaration): return object(declaration.fields)
    case .choice(let choice): return self.choice(choice)
    }
  }

  private static func choice(_ choice: ChoiceDeclaration) -> JSONValue {
    var ways: [JSONValue] = []
    if let shorthand = choice.shorthand, let type = choice.types.first(where: { $0.name == shorthand.type }),
      let field = type.fields.first(where: { $0.name == shorthand.field })
    {
      ways.append(schema(field.shape))
    }
    let bare = choice.bareTypes
    if !bare.isEmpty { ways.append(["enum": .array(bare.map { .string($0.name) })]) }
    for type in choice.types {
      guard case .object(let members) = object(type.fields, type: type.name) else { continue }
      ways.append(.object([("description", .string(type.help))] + members))
    }
    return ["anyOf": .array(ways)]
  }

  private static let percent: JSONValue = ["type": "string", "pattern": "^[0-9]+([.][0-9]+)?%$"]
  private static let duration: JSONValue = ["type": "string", "pattern": "^[0-9]+([.][0-9]{1,9})?(h|m|s|ms|us|ns)$"]
  private static let size: JSONValue = ["type": "string", "pattern": "^[0-9]+([.][0-9]{1,9})?(B|KiB|MiB|KB|MB)$"]
}

/// Definitions of a JSON Schema under `$defs`: what a schema says more than once, and every larger object, is said there,
/// by a name, and referred to.
private struct SchemaDefinitions {
  /// Bytes of compact JSON from which on a schema that occurs again, and an object that occurs once, is worth a name.
  private static let (worthSharing, worthNaming) = (40, 300)
  /// What a reference may stand beside; it belongs to the place and not to what is defined.
  private static let annotations: Set<String> = ["description", "default"]

  /// How often each schema occurs, by its text.
  private var counts: [String: Int] = [:]
  private var names: [String: String] = [:]
  private var definitions: [(String, JSONValue)] = []
  private var taken: Set<String> = []

  /// The schema with its definitions as the last member.
  static func extracted(from schema: JSONValue) -> JSONValue {
    var state = SchemaDefinitions()
    state.count(schema)
    guard case .object(let members) = state.inner(schema, "scenario") else { return schema }
    let definitions = state.definitions.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    return .object(members + [("$defs", .object(definitions))])
  }

  private static func isAnnotation(_ member: (String, JSONValue)) -> Bool { annotations.contains(member.0) }

  private static func core(_ schema: JSONValue) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    return .object(members.filter { !isAnnotation($0) })
  }

  private mutating func count(_ schema: JSONValue) {
    guard case .object(let members) = schema else { return }
    let text = JSONWriter.compact(Self.core(schema))
    counts[text, default: 0] += 1
    // What lies inside is part of the definition.
    guard counts[text] == 1 else { return }
    for (name, value) in members {
      switch (name, value) {
      case ("properties", .object(let properties)): for (_, property) in properties { count(property) }
      case ("items", _): count(value)
      case ("anyOf", .array(let ways)): for way in ways { count(way) }
      default: break
      }
    }
  }

  /// A schema, or a reference to it.
  ///
  /// - Parameter name: what it is called when it is defined.
  private mutating func reference(_ schema: JSONValue, _ name: String) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    let core = Self.core(schema)
    let text = JSONWriter.compact(core)
    let isShared = counts[text, default: 0] > 1 && text.utf8.count > Self.worthSharing
    guard isShared || core["properties"] != nil && text.utf8.count > Self.worthNaming else {
      return inner(schema, name)
    }
    let defined: String
    if let known = names[text] {
      defined = known
    } else {
      defined = free(name)
      names[text] = defined
      definitions.append((defined, inner(core, name)))
    }
    return .object(members.filter(Self.isAnnotation) + [("$ref", .string("#/$defs/\(defined)"))])
  }

  /// A schema with what lies in it by reference.
  private mutating func inner(_ schema: JSONValue, _ name: String) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    var result: [(String, JSONValue)] = []
    for (member, value) in members {
      switch (member, value) {
      case ("properties", .object(let properties)):
        var referred: [(String, JSONValue)] = []
        for (property, value) in properties { referred.append((property, reference(value, property))) }
        result.append((member, .object(referred)))
      case ("items", _):
        result.append((member, reference(value, name)))
      case ("anyOf", .array(let ways)):
        var referred: [JSONValue] = []
        for way in ways { referred.append(reference(way, wayName(way, of: name))) }
        result.append((member, .array(referred)))
      default: result.append((member, value))
      }
    }
    return .object(result)
  }

  /// A name that nothing has: this one, or with a number from 2 on.
  private mutating func free(_ name: String) -> String {
    var free = name
    var number = 2
    while !taken.insert(free).inserted {
      free = name + String(number)
      number += 1
    }
    return free
  }

  /// `key.zipf` for the way of `key` whose type is `zipf`.
  private func wayName(_ way: JSONValue, of name: String) -> String {
    guard case .string(let type) = way["properties"]?["type"]?["const"] else { return name }
    return "\(name).\(type)"
  }
}

/// The field table of the documentation, made from the declaration the decoder reads by.
package enum ScenarioFieldTable {
  /// One row a field: path, unit, default, help; types of a choice as `records.size (lognormal).median`.
  package static var rows: [(path: String, unit: String, fallback: String, help: String)] {
    rows(ScenarioLanguage.document.fields, below: "")
  }

  /// The rows as a Markdown table, with its header.
  package static var markdown: String {
    let lines = rows.map { row in
      "| `\(row.path)` | \(row.unit) | \(row.fallback) | \(row.help.replacing("|", with: "\\|")) |"
    }
    return (["| Field | Unit | Default | Meaning |", "|---|---|---|---|"] + lines).joined(separator: "\n") + "\n"
  }

  private static func rows(
    _ fields: [FieldDeclaration], below path: String
  ) -> [(path: String, unit: String, fallback: String, help: String)] {
    fields.flatMap { field in
      let here = path.isEmpty ? field.name : path + "." + field.name
      return [(here, unit(of: field), fallback(of: field), field.help)] + inner(field.shape, here)
    }
  }

  private static func inner(
    _ shape: ValueShape, _ path: String
  ) -> [(path: String, unit: String, fallback: String, help: String)] {
    switch shape {
    case .object(let declaration):
      // The overrides and the kinds of a mix repeat the fields of records: a name is enough there.
      return path.hasSuffix("override") ? [] : rows(declaration.fields, below: path)
    case .profile(_, let numbers): return rows(numbers.fields, below: path)
    case .list(let element, _, _):
      return path.hasSuffix("mix") ? [] : inner(element, path + "[]")
    case .choice(let choice):
      // What rest may be is what key may be.
      if path.hasSuffix("rest") { return [] }
      return choice.types.flatMap { type in
        [("\(path) \(type.name)", "", "", type.help)] + rows(type.fields, below: "\(path) \(type.name)")
      }
    default: return []
    }
  }

  private static func unit(of field: FieldDeclaration) -> String {
    if !field.unit.isEmpty { return field.unit }
    return switch field.shape {
    case .duration: "time"
    case .ratio: "share"
    case .flag: "true, false"
    default: ""
    }
  }

  private static func fallback(of field: FieldDeclaration) -> String {
    switch field.fallback {
    case .required: "required"
    case .absent: "–"
    case .value(let value): "`\(JSONWriter.compact(value))`"
    case .derived(let rule, _): rule
    }
  }
}
