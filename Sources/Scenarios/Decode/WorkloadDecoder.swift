import Kinesis
import Measurement
import StrictJSON

/// Reads phases and records from the resolved form, and refuses what no field alone can show to be wrong.
struct WorkloadDecoder {
  /// Names that the results give to lines of their own.
  private static let reservedPhaseNames = [
    "all": "all measured phases together", "drain": "the time after the last phase",
  ]

  let stream: StreamRule
  /// The stream's open shards.
  let map: ShardMap
  let batch: BatchRule
  let hasIdentity: Bool
  /// Reads the files that are named.
  private(set) var files: FileDecoder
  /// What is played, once `trace` was called and found one.
  private var trace: Trace?
  /// Full sentences about what is no error.
  private(set) var warnings: [String] = []

  /// Creates a decoder for a scenario's stream.
  init(stream: StreamRule, map: ShardMap, batch: BatchRule, hasIdentity: Bool, files: FileDecoder) {
    self.files = files
    self.stream = stream
    self.map = map
    self.batch = batch
    self.hasIdentity = hasIdentity
  }

  /// Reads the trace, if the records are recorded ones.
  mutating func trace(_ records: ResolvedNode) throws(JSONFailure) -> Trace? {
    guard let node = records["trace"].present else { return nil }
    for name in ["size", "key", "explicitHashKey", "mix"] {
      if let node = records[name].present?.node {
        throw node.failure(expected: "no \"\(name)\" beside \"trace\", which brings its own")
      }
    }
    guard !hasIdentity else {
      throw records["identity"].node.failure(expected: "no identity beside \"trace\", whose sizes may leave no room")
    }
    trace = try files.trace(node, largestRecord: min(stream.largestRecord, batch.bytes))
    return trace
  }

  /// Reads all phases.
  mutating func phases(_ list: ResolvedNode, records: ResolvedNode) throws(JSONFailure) -> [PhaseRule] {
    guard list.present != nil else {
      throw JSONFailure(
        location: list.node.location, path: .root, expected: "the field \"phases\" (the load over time, in order)",
        found: "an object without it")
    }
    let common = trace == nil ? try kinds(records) : []
    var phases: [PhaseRule] = []
    var start: Int64 = 0
    for node in list.elements {
      let phase =
        if let trace {
          try tracedPhase(node, in: TraceWindow(trace, start: start), records: records)
        } else {
          try phase(node, records: records, common: common)
        }
      start += phase.duration
      if let meaning = Self.reservedPhaseNames[phase.name] {
        throw node["name"].node.failure(
          expected: "a name other than \"\(phase.name)\", which stands for \(meaning) in the results")
      }
      if phases.contains(where: { $0.name == phase.name }) {
        throw node["name"].node.failure(expected: "a name that no other phase has")
      }
      phases.append(phase)
    }
    try checkNaming(phases, at: records.node)
    let planned = phases.contains { phase in
      if case .max = phase.rate { true } else { curve(of: phase).count > 0 }
    }
    guard planned else {
      throw list.node.failure(expected: "phases in which at least one record comes due", found: "none at these rates")
    }
    return phases
  }

  private func curve(of phase: PhaseRule) -> RateCurve {
    RateCurve(
      phase.rate, duration: phase.duration,
      scale: phase.isInBytes ? 1 / PlanMeans.bytesPerRecord(phase.kinds) : 1)
  }

  /// A phase of a trace.
  private func tracedPhase(
    _ node: ResolvedNode, in window: TraceWindow, records: ResolvedNode
  ) throws(JSONFailure) -> PhaseRule {
    if let rate = node["rate"].present {
      throw rate.node.failure(expected: "no rate beside records.trace, which says when records come due")
    }
    guard node["arrivals"].type == "uniform" else {
      throw node["arrivals"].node.failure(
        expected: "no arrivals beside records.trace, which says when records come due")
    }
    let override = node["override"].present
    for name in ["size", "key", "explicitHashKey"] {
      if let field = override?["records." + name].present {
        throw field.node.failure(expected: "only records.payload: the rest is the trace's")
      }
    }
    let payload = override?["records.payload"].present ?? records["payload"]
    guard payload.present?.type != "files" else {
      throw payload.node.failure(expected: "a payload that obeys the trace's sizes", found: "\"files\"")
    }
    let size = try node.mappingFailure { () throws(DistributionFailure) in
      try SizeDistribution.fixed(window.trace.meanSize)
    }
    let kind = RecordKind(
      share: 1, size: size, key: .trace(window), payload: payload.present.map { PayloadRule($0) } ?? .random,
      explicitHashKey: nil)
    return PhaseRule(
      name: node["name"].text, duration: node["duration"].duration.value, rate: .trace(window), isInBytes: false,
      arrivals: .uniform, isMeasured: node["measure"].flag, kinds: [kind])
  }

  private mutating func phase(
    _ node: ResolvedNode, records: ResolvedNode, common: [RecordKind]
  ) throws(JSONFailure) -> PhaseRule {
    guard node["rate"].present != nil else {
      throw node.node.failure(
        expected: "the field \"rate\" (records that come due per second)", found: "an object without it")
    }
    let (rate, isInBytes) = try RateDecoder.rate(node["rate"])
    let arrivals = ArrivalRule(rawValue: node["arrivals"].type) ?? .uniform
    var kinds = common
    if let override = node["override"].present {
      if records["mix"].present != nil {
        throw override.node.failure(expected: "no override beside records.mix", found: "one")
      }
      let part = { (name: String) in override["records." + name].present ?? records[name] }
      // Files bring their own sizes: that of the other phases is not meant for them.
      let isFiles = part("payload").present?.type == "files"
      kinds = [
        try kind(
          share: 1, size: isFiles ? override["records.size"] : part("size"), key: part("key"), payload: part("payload"),
          hashKey: part("explicitHashKey"))
      ]
    }
    let phase = PhaseRule(
      name: node["name"].text, duration: node["duration"].duration.value, rate: rate, isInBytes: isInBytes,
      arrivals: arrivals, isMeasured: node["measure"].flag, kinds: kinds)
    if case .max = rate {
      if arrivals != .uniform {
        throw node["arrivals"].node.failure(
          expected: "no arrivals in a phase of rate \"max\", which has no schedule",
          found: JSONNode.quoted(arrivals.rawValue))
      }
    } else if arrivals == .poisson, curve(of: phase).count > Binomial.largestTrials {
      throw node["rate"].node.failure(
        expected: "at most \(Binomial.largestTrials) records in a poisson phase", found: "\(curve(of: phase).count)")
    }
    return phase
  }

  private mutating func kinds(_ records: ResolvedNode) throws(JSONFailure) -> [RecordKind] {
    guard let mix = records["mix"].present else {
      let bringsSize = records["payload"].present?.type == "files"
      for name in bringsSize ? ["key"] : ["size", "key"] where records[name].present == nil {
        throw records.node.failure(
          expected: "the field \"\(name)\" (or \"mix\", or \"trace\")", found: "an object without it")
      }
      return [
        try kind(
          share: 1, size: records["size"], key: records["key"], payload: records["payload"],
          hashKey: records["explicitHashKey"])
      ]
    }
    for name in ["size", "key", "payload", "explicitHashKey"] {
      if let node = records[name].present?.node {
        throw node.failure(expected: "no \"\(name)\" beside \"mix\": each kind has its own")
      }
    }
    var kinds: [RecordKind] = []
    for node in mix.elements {
      kinds.append(
        try kind(
          share: node["share"].double, size: node["size"], key: node["key"], payload: node["payload"],
          hashKey: node["explicitHashKey"]))
    }
    let sum = kinds.reduce(0) { $0 + $1.share }
    guard abs(sum - 1) <= 1e-9 else {
      throw mix.node.failure(expected: "shares that sum to 1", found: "a sum of \(JSONNumberText.text(of: sum))")
    }
    return kinds
  }

  private mutating func kind(
    share: Double, size: ResolvedNode, key: ResolvedNode, payload: ResolvedNode, hashKey: ResolvedNode
  ) throws(JSONFailure) -> RecordKind {
    let isFiles = payload.present?.type == "files"
    let rule = isFiles ? .files(try files.payload(payload)) : payload.present.map { PayloadRule($0) } ?? .random
    let kind = RecordKind(
      share: share, size: try self.size(size, of: rule, payload),
      key: try KeyDecoder.key(key, map: map), payload: rule,
      explicitHashKey: hashKey.present.map { ExplicitHashKeyRule($0) })
    try checkSize(kind, isFiles ? payload.node : size.node)
    return kind
  }

  /// The sizes of a kind: the files' own, or as written.
  private func size(
    _ node: ResolvedNode, of rule: PayloadRule, _ payload: ResolvedNode
  ) throws(JSONFailure) -> SizeDistribution {
    guard let files = rule.files else {
      guard node.present != nil else {
        throw node.node.failure(expected: "a size (only a payload of \"files\" brings its own)", found: "none")
      }
      return try SizeDecoder.size(node)
    }
    if let node = node.present?.node {
      throw node.failure(expected: "no size beside a payload of \"files\", which bring their own")
    }
    for (index, path) in payload["paths"].elements.enumerated() where files.size(of: index) > stream.largestRecord {
      throw path.node.failure(
        expected: "files of at most \(UnitText.size(Int64(stream.largestRecord)))",
        found: "\(files.size(of: index)) bytes")
    }
    return try payload.mappingFailure { () throws(DistributionFailure) in
      try .weighted((0..<files.count).map { (size: files.size(of: $0), weight: 1) })
    }
  }

  /// A record over the stream's limit, or over the batch's: an error when every one is, a warning when some may be.
  private mutating func checkSize(_ kind: RecordKind, _ node: JSONNode) throws(JSONFailure) {
    let keyBytes = KeyDecoder.lengths(of: kind.key)
    let limit = stream.largestRecord
    guard kind.size.minimum + keyBytes.shortest <= limit else {
      throw node.failure(
        expected: "data and key of at most \(UnitText.size(Int64(limit))) together"
          + (limit < KinesisLimits.bytesPerLargeRecord ? " (10MiB with stream.limits \"large-records\")" : ""),
        found: "at least \(kind.size.minimum + keyBytes.shortest) bytes")
    }
    if kind.size.maximum + keyBytes.longest > limit {
      warnings.append(
        "\(node.path): records may come to \(kind.size.maximum + keyBytes.longest) bytes with their key; "
          + "those over \(UnitText.size(Int64(limit))) are cut to it.")
    }
    guard kind.size.minimum + keyBytes.shortest <= batch.bytes else {
      throw node.failure(
        expected: "records that fit a batch of \(UnitText.size(Int64(batch.bytes))) (batch.bytes)",
        found: "at least \(kind.size.minimum + keyBytes.shortest) bytes with the key")
    }
    let room = PayloadWriter.identityRoom(kind.payload)
    guard !hasIdentity || kind.size.minimum >= room else {
      throw node.failure(
        expected: "sizes of at least \(room)B, the room of records.identity",
        found: "sizes from \(UnitText.size(Int64(kind.size.minimum)))")
    }
  }

  /// Two prefixes must not be able to generate the same key: ids would no longer tell keys apart.
  private func checkNaming(_ phases: [PhaseRule], at node: JSONNode) throws(JSONFailure) {
    let namings = Set(phases.flatMap { $0.kinds.compactMap { $0.key.generatedKeys?.naming } })
    for first in namings {
      for second in namings where first.length == second.length && first.prefix.count < second.prefix.count {
        let rest = second.prefix.dropFirst(first.prefix.count)
        if second.prefix.hasPrefix(first.prefix), rest.allSatisfy({ $0.isASCII && $0.isNumber }) {
          throw node.failure(
            expected: "prefixes that cannot generate the same key",
            found: "\(JSONNode.quoted(first.prefix)) and \(JSONNode.quoted(second.prefix)) at length \(first.length)")
        }
      }
    }
  }
}

extension PayloadRule {
  /// Reads `payload`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    switch node.type {
    case "text": self = .text(compressibility: node["compressibility"].double)
    case "json": self = .json
    case "zeros": self = .zeros
    default: self = .random
    }
  }
}

extension ExplicitHashKeyRule {
  /// Reads `explicitHashKey`, whose fields are checked already.
  init(_ node: ResolvedNode) {
    self = node.type == "values" ? .values(node["values"].elements.compactMap { UInt128($0.text) }) : .uniform
  }
}
