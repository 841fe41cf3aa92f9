import Kinesis
import Measurement
import StrictJSON

/// A value of a scenario after decoding: every default explicit, every short form expanded, units converted.
struct ResolvedNode: Sendable {
  /// What it holds, in base units.
  indirect enum Value: Sendable {
    case absent
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    /// Nanoseconds; `nil` is `"unbounded"`.
    case duration(Int64?)
    /// Bytes.
    case size(Int64)
    case text(String)
    case list([ResolvedNode])
    case object([(name: String, value: ResolvedNode)])
  }

  /// What it holds.
  let value: Value
  /// Where it was written; for a default the object it belongs to.
  let node: JSONNode

  /// A field of an object; asking for one that is not declared is a bug. O(fields).
  subscript(name: String) -> ResolvedNode {
    guard case .object(let fields) = value, let field = fields.first(where: { $0.name == name }) else {
      preconditionFailure("no field \(name) declared at \(node.path)")
    }
    return field.value
  }

  /// Whether an object has a field of this name at all; the types of a choice differ in theirs.
  func declares(_ name: String) -> Bool {
    guard case .object(let fields) = value else { return false }
    return fields.contains { $0.name == name }
  }

  /// The value itself when it is there.
  var present: ResolvedNode? {
    if case .absent = value { nil } else { self }
  }

  /// The word of `type` of a choice.
  var type: String { self["type"].text }

  /// The text of a text or word.
  var text: String {
    guard case .text(let text) = value else { preconditionFailure("no text at \(node.path)") }
    return text
  }

  /// A whole number, or a size in bytes.
  var integer: Int64 {
    switch value {
    case .integer(let integer): return integer
    case .size(let bytes): return bytes
    default: preconditionFailure("no whole number at \(node.path)")
    }
  }

  /// Any number, a size in bytes included.
  var double: Double {
    switch value {
    case .number(let number): return number
    case .integer(let integer): return Double(integer)
    case .size(let bytes): return Double(bytes)
    default: preconditionFailure("no number at \(node.path)")
    }
  }

  /// True or false.
  var flag: Bool {
    guard case .flag(let flag) = value else { preconditionFailure("no flag at \(node.path)") }
    return flag
  }

  /// Nanoseconds; `nil` when unbounded.
  var nanoseconds: Int64? {
    guard case .duration(let nanoseconds) = value else { preconditionFailure("no duration at \(node.path)") }
    return nanoseconds
  }

  /// The elements of a list.
  var elements: [ResolvedNode] {
    guard case .list(let elements) = value else { preconditionFailure("no list at \(node.path)") }
    return elements
  }

  /// The resolved form with the contents of files, by their hashes, in place of their paths.
  func json(replacing contentHashes: [String: String]) -> JSONValue {
    guard !contentHashes.isEmpty else { return json }
    return Self.replacing(contentHashes, in: json)
  }

  private static func replacing(_ hashes: [String: String], in value: JSONValue) -> JSONValue {
    func replaced(_ value: JSONValue) -> JSONValue {
      if case .string(let path) = value, let hash = hashes[path] { .string(hash) } else { value }
    }
    switch value {
    case .array(let values): return .array(values.map { replacing(hashes, in: $0) })
    case .object(let members):
      return .object(
        members.map { name, value in
          switch (name, value) {
          case ("path", _): (name, replaced(value))
          case ("paths", .array(let paths)): (name, .array(paths.map(replaced)))
          default: (name, replacing(hashes, in: value))
          }
        })
    default: return value
    }
  }

  /// The object with another value in one of its fields.
  func setting(_ name: String, to new: ResolvedNode) -> ResolvedNode {
    guard case .object(let fields) = value else { preconditionFailure("no object at \(node.path)") }
    return ResolvedNode(value: .object(fields.map { $0.name == name ? (name, new) : $0 }), node: node)
  }

  /// A scenario whose stream has the shards of a map: their number, and no file's name when they are from elsewhere.
  func replacingShards(by map: ShardMap, fromFile isFromFile: Bool) -> ResolvedNode {
    let stream = self["stream"]
    let count = ResolvedNode(value: .integer(Int64(map.count)), node: stream["shards"].node)
    let counted = stream.setting("shards", to: count)
    guard !isFromFile else { return setting("stream", to: counted) }
    return setting(
      "stream", to: counted.setting("shardMap", to: ResolvedNode(value: .absent, node: stream["shardMap"].node)))
  }

  /// A scenario with what only its trace could tell: the content's hash, and one phase of its length if none is written.
  func replaying(_ trace: Trace) throws(JSONFailure) -> ResolvedNode {
    let records = self["records"]
    let rule = records["trace"]
    let hash = ResolvedNode(value: .text(trace.contentHash), node: rule["sha256"].node)
    let named = setting("records", to: records.setting("trace", to: rule.setting("sha256", to: hash)))
    guard self["phases"].present == nil else { return named }
    guard !trace.isLooped else {
      throw node.failure(expected: "phases that say how long a trace with \"loop\" is played", found: "none")
    }
    // Never shorter than the shortest phase, 1 ms.
    let length = UnitText.duration(max(1_000_000, trace.length))
    let phase = JSONNode(
      [["name": "trace", "duration": .string(length)]], path: self["phases"].node.path, location: node.location)
    let list = ValueShape.list(.object(ScenarioLanguage.phase), count: 1...1, noun: "phases")
    return named.setting("phases", to: try list.resolve(phase))
  }

  /// The resolved form as it is written to `scenario.json`: absent fields left out, units in their largest exact form.
  var json: JSONValue {
    switch value {
    case .absent: .null
    case .flag(let flag): .bool(flag)
    case .integer(let integer): .integer(integer)
    case .number(let number): Int64(exactly: number).map { .integer($0) } ?? .number(number)
    case .duration(let nanoseconds): .string(nanoseconds.map { UnitText.duration($0) } ?? "unbounded")
    case .size(let bytes): .string(UnitText.size(bytes))
    case .text(let text): .string(text)
    case .list(let elements): .array(elements.map(\.json))
    case .object(let fields): .object(fields.filter { $0.value.present != nil }.map { ($0.name, $0.value.json) })
    }
  }
}
