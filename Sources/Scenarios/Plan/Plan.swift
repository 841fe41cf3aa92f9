import Kinesis
import Measurement
import StrictJSON

/// What a scenario does, record by record: a pure function of the scenario, the same on any number of workers.
package struct Plan: Sendable {
  /// Changes whenever the same scenario would give other records or batches; part of the plan hash.
  package static let generatorVersion = 1

  /// Everything that cursors share; never changes.
  final class Storage: Sendable {
    let scenario: Scenario
    let keys: KeyCatalog
    let phases: [PlannedPhase]
    let generators: [PhaseGenerator]

    /// Here, where the keys are used in place: the plan hands out a copy of them, at the price of its references.
    func hash(of record: PlannedRecord) -> UInt128 {
      let generator = generators[Int(record.phase)]
      if generator.hasHashKeys, let hash = generator.explicitHashKey(of: record.index) { return hash }
      return keys.hash(of: record.key)
    }

    init(_ scenario: Scenario, map: ShardMap) {
      let keys = KeyCatalog(rules: scenario.phases.flatMap { $0.kinds.map(\.key) })
      var phases: [PlannedPhase] = []
      var generators: [PhaseGenerator] = []
      var start: Int64 = 0
      var uniqueOffset: UInt64 = 0
      for (number, rule) in scenario.phases.enumerated() {
        let generator = PhaseGenerator(
          rule, number: number, start: start, seed: scenario.seed, catalog: keys, map: map,
          largest: scenario.stream.largestRecord, uniqueOffset: uniqueOffset, round: scenario.recordsPerRound,
          bytesPerRecord: PlanMeans.bytesPerRecord(rule.kinds))
        let count = generator.schedule?.count
        // A closed phase takes as many as it can: leave more room than any run fills.
        uniqueOffset += count ?? 1 << 40
        phases.append(
          PlannedPhase(
            name: rule.name, start: Nanoseconds(start), duration: Nanoseconds(rule.duration),
            measured: rule.isMeasured, loop: count.map { .open(recordCount: $0) } ?? .closed))
        generators.append(generator)
        start += rule.duration
      }
      self.scenario = scenario
      self.keys = keys
      self.phases = phases
      self.generators = generators
    }
  }

  let storage: Storage

  /// Plans a scenario.
  ///
  /// - Parameter map: the shards that keys of type `shard` aim at; by default the declared ones, evenly split.
  /// - Complexity: O(phases), and O(keys) for the types `shard` and `weighted`.
  package init(_ scenario: Scenario, map: ShardMap? = nil) {
    storage = Storage(scenario, map: map ?? scenario.declaredMap)
  }

  /// What is planned.
  package var scenario: Scenario { storage.scenario }
  /// In the order they run, without gaps.
  package var phases: [PlannedPhase] { storage.phases }
  /// Every partition key.
  package var keys: KeyCatalog { storage.keys }

  /// The start of the first measured phase since the start of the run: t = 0 of reports.
  package var origin: Nanoseconds { (phases.first { $0.measured } ?? phases.first)?.start ?? .zero }
  /// From the start of the run to the end of the last phase.
  package var duration: Nanoseconds { phases.last?.end ?? .zero }

  /// How many records of an open phase are due before a time since the start of the run, all producers together,
  /// exactly. 0 for a closed phase. O(log records).
  package func plannedRecords(in phase: Int, before time: Nanoseconds) -> UInt64 {
    let generator = storage.generators[phase]
    return generator.schedule?.count(before: time.value - generator.start) ?? 0
  }

  /// When record `index` of an open phase is due, in nanoseconds since the start of the run. O(log records).
  package func due(of index: UInt64, in phase: Int) -> Int64 {
    let generator = storage.generators[phase]
    guard let schedule = generator.schedule, index < schedule.count else {
      preconditionFailure("phase \(phase) has no planned record \(index)")
    }
    var cursor = ArrivalSchedule.Cursor()
    return generator.start + schedule.due(index, &cursor)
  }

  /// The bytes of data and keys that the records of the open phases have on the average, all together.
  package var expectedBytes: Double {
    zip(scenario.phases, phases).reduce(0) { sum, pair in
      guard case .open(let count) = pair.1.loop else { return sum }
      return sum + Double(count) * PlanMeans.bytesPerRecord(pair.0.kinds)
    }
  }

  /// The batches of a logical producer, 0 ..< `client.producers`.
  package func batches(ofProducer producer: Int) -> BatchCursor {
    precondition((0..<scenario.client.producers).contains(producer), "no producer \(producer)")
    return BatchCursor(storage, producer: producer)
  }

  /// Record `index` of an open phase.
  package func record(_ index: UInt64, in phase: Int) -> PlannedRecord {
    storage.generators[phase].record(index, due: due(of: index, in: phase), catalog: keys)
  }

  /// Where a record lies in the hash-key space: its explicit hash key, or the hash of its partition key.
  package func hash(of record: PlannedRecord) -> UInt128 {
    storage.hash(of: record)
  }

  /// Appends a record to a request: its data as base64 text, its key, its explicit hash key when it has one.
  ///
  /// Random data are generated as base64 text, so nothing is encoded; no allocation once the buffer has grown.
  package func write(_ record: PlannedRecord, into buffer: RequestBuffer) {
    withUnsafePointer(to: record) { write(PlannedRecords(UnsafeBufferPointer(start: $0, count: 1)), into: buffer) }
  }

  /// Appends the records of a request, in order.
  package func write(_ records: PlannedRecords, into buffer: RequestBuffer) {
    // What the records of a phase share is looked up once for each run of them.
    var position = 0
    while position < records.count {
      let generator = storage.generators[Int(records[position].phase)]
      position = generator.write(
        records, from: position, into: buffer, catalog: storage.keys, hasIdentity: storage.scenario.hasIdentity)
    }
  }

  /// A record's data, decoded: what a reader of the stream finds.
  package func data(of record: PlannedRecord) -> [UInt8] {
    let buffer = RequestBuffer()
    let length = (Int(record.dataBytes) + 2) / 3 * 4
    let text = buffer.beginRecord(base64Length: length, maximumKeyLength: 0)
    let generator = storage.generators[Int(record.phase)]
    let kind = generator.kinds[generator.kind(of: record.index)]
    PayloadWriter.write(
      kind.payload, record: generator.source(of: record), random: kind.payloadRandom, hasIdentity: scenario.hasIdentity,
      to: text)
    var data: [UInt8] = []
    Base64.decode(UnsafeRawBufferPointer(start: text, count: length), into: &data)
    return data
  }
}

extension Plan {
  /// Whether a record's partition key alone says where it goes: false when any phase sends explicit hash keys.
  package var isRoutedByKey: Bool { !storage.generators.contains { $0.hasHashKeys } }

  /// Whether generated keys might as well have other names: none of them is aimed at shards by its name.
  package var hasArbitraryNames: Bool {
    let rules = scenario.phases.flatMap { $0.kinds.map(\.key) }
    return isRoutedByKey && !rules.contains { $0.isAimed } && rules.contains { $0.generatedKeys?.count != nil }
  }
}

extension KeyRule {
  /// Whether keys are chosen by the shard that their name hashes to.
  fileprivate var isAimed: Bool {
    switch self {
    case .shard: true
    case .weighted(_, let rest): rest?.isAimed ?? false
    case .constant, .generated, .trace: false
    }
  }
}

extension Plan {
  private static let sampledRecords: UInt64 = 4_096

  /// SHA-256 of the workload hash, the generator's version, and 4,096 evenly spaced records with their batches: equal
  /// for two programs that send the same records in the same batches.
  ///
  /// A record's batch here is the one its producer would form beginning with it, so that an hours-long plan need not be
  /// walked from its start. Closed phases give their first records, which have no due time.
  ///
  /// - Complexity: O(4,096 batches), some tenths of a second at most; computed on each call.
  package var planHash: String {
    var hash = SHA256()
    hash.update("\(scenario.workloadHash) \(Self.generatorVersion)\n")
    let open = storage.generators.reduce(UInt64(0)) { $0 + ($1.schedule?.count ?? 0) }
    var records = [PlannedRecord](
      repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0),
      count: scenario.batch.records)
    let samples = min(Self.sampledRecords, open)
    var phase = 0
    var before: UInt64 = 0
    for sample in 0..<samples {
      let position = UInt64(UInt128(open) * UInt128(sample) / UInt128(samples))
      while position - before >= storage.generators[phase].schedule?.count ?? 0 {
        before += storage.generators[phase].schedule?.count ?? 0
        phase += 1
      }
      var cursor = BatchCursor(storage, phase: phase, index: position - before)
      records.withUnsafeMutableBufferPointer { buffer in
        guard let batch = cursor.next(into: buffer), let first = buffer.first else { return }
        update(&hash, with: first)
        hash.update("\(batch.count) \(batch.bytes) \(batch.closesAt)\n")
      }
    }
    for (phase, generator) in storage.generators.enumerated() where generator.schedule == nil {
      var cursor = BatchCursor(storage, phase: phase, index: 0)
      records.withUnsafeMutableBufferPointer { buffer in
        let batch = cursor.nextClosed(phase: phase, now: 0, into: buffer)
        for record in buffer.prefix(batch.count) { update(&hash, with: record) }
      }
    }
    return hash.finish().hex
  }

  private func update(_ hash: inout SHA256, with record: PlannedRecord) {
    let hashKey = self.hash(of: record)
    hash.update("\(record.phase) \(record.index) \(record.due) \(record.dataBytes) \(hashKey) ")
    keys.bytes(of: record.key).withUnsafeBytes { hash.update($0) }
    data(of: record).withUnsafeBytes { hash.update($0) }
    hash.update("\n")
  }
}
