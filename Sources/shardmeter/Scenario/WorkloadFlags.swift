import Measurement
import Scenarios
import StrictJSON

/// A workload in a few flags instead of a file: one phase at one rate.
struct WorkloadFlags: Sendable, Equatable {
  /// Records or bytes per second.
  enum Rate: Sendable, Equatable {
    case records(Double)
    case bytes(Int64)
  }

  var rate: Rate?
  /// Bytes of data.
  var recordSize: UInt64?
  /// How many different keys.
  var keys: UInt64?
  /// The share of the records that the heaviest key gets, 0...1.
  var topKey: Double?
  var shards: Int?
  var name: String?

  static let defaultRate = Rate.records(1000)
  static let defaultRecordSize: UInt64 = 1024
  static let defaultKeys: UInt64 = 10_000
  static let defaultShards = 4
  static let defaultDuration = Nanoseconds.seconds(60)
  static let defaultName = "workload"

  /// The options that were given, by name, apart from those that change a file's scenario as well.
  var given: [String] {
    let all = [
      ("rate", rate != nil), ("record-size", recordSize != nil), ("keys", keys != nil), ("top-key", topKey != nil),
      ("shards", shards != nil), ("name", name != nil),
    ]
    return all.filter(\.1).map { "--" + $0.0 }
  }

  /// The scenario, what is not given at its default.
  ///
  /// - Parameter isJudged: whether it has a threshold to start from; flags of a single run set none.
  func document(duration: Nanoseconds?, isJudged: Bool = false) -> JSONValue {
    let size = Int64(clamping: recordSize ?? Self.defaultRecordSize)
    let rate: JSONValue =
      switch self.rate ?? Self.defaultRate {
      case .records(let records): number(records)
      case .bytes(let bytes): .object([("type", "constant"), ("bytes", .string(UnitText.size(bytes)))])
      }
    let phase: JSONValue = .object([
      ("name", "steady"), ("duration", .string(UnitText.duration((duration ?? Self.defaultDuration).value))),
      ("rate", rate),
    ])
    let thresholds: [(String, JSONValue)] =
      isJudged ? [("thresholds", [.object([("metric", "lost.ratio"), ("max", "1%")])])] : []
    return .object(
      [
        ("schema", "shardmeter/1"), ("name", .string(name ?? Self.defaultName)),
        ("stream", .object([("shards", .integer(Int64(shards ?? Self.defaultShards)))])),
        ("records", .object([("size", .string(UnitText.size(size))), ("key", key)])),
        ("phases", .array([phase])),
      ] + thresholds)
  }

  /// The name that messages give to ``document(duration:)``.
  static let source = "command line"

  /// A failure about the document as one about the option that the value came from: nobody has typed the document.
  func naming(_ failure: JSONFailure) -> JSONFailure {
    guard failure.source == Self.source else { return failure }
    let path = failure.path.description
    let options = [
      ("name", "--name"), ("stream.shards", "--shards"), ("records.size", "--record-size"),
      ("records.key.topShare", "--top-key"), ("records.key", keys == nil && topKey != nil ? "--top-key" : "--keys"),
      ("phases[0].rate", "--rate"), ("phases[0].duration", "--duration"),
    ]
    let option = options.first { path.hasPrefix($0.0) }?.1
    return JSONFailure(
      location: JSONLocation(source: option ?? Self.source), path: failure.path, expected: failure.expected,
      found: failure.found, suggestion: failure.suggestion)
  }

  private var key: JSONValue {
    let count = Int64(clamping: keys ?? Self.defaultKeys)
    guard let topKey else {
      return count == 1 ? "constant" : .object([("type", "uniform"), ("cardinality", .integer(count))])
    }
    return .object([("type", "zipf"), ("topShare", number(topKey)), ("cardinality", .integer(count))])
  }

  private func number(_ value: Double) -> JSONValue { Int64(exactly: value).map { .integer($0) } ?? .number(value) }
}

/// Readers of the flags' values.
extension WorkloadFlags {
  @Sendable static func rate(_ word: String) throws(ValueProblem) -> Rate? {
    if let bytes = UnitText.bytes(of: word), bytes > 0 { return .bytes(bytes) }
    guard let records = Double(word), records > 0, records <= 1e9 else {
      throw ValueProblem(expected: "records per second up to 1000000000, as 2000, or a size per second, as 5MiB")
    }
    return .records(records)
  }

  @Sendable static func share(_ word: String) throws(ValueProblem) -> Double? {
    let isPercent = word.hasSuffix("%")
    let number = Double(isPercent ? String(word.dropLast()) : word).map { isPercent ? $0 / 100 : $0 }
    guard let number, number > 0, number <= 1 else {
      throw ValueProblem(expected: "a share of the records above 0 and at most 1, as 20% or 0.2")
    }
    return number
  }

  @Sendable static func name(_ word: String) throws(ValueProblem) -> String? {
    let isPlain = word.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "._-".utf8.contains(byte)
    }
    guard isPlain, (1...64).contains(word.utf8.count) else {
      throw ValueProblem(expected: "a name of 1 to 64 letters, digits, . _ -")
    }
    return word
  }
}
