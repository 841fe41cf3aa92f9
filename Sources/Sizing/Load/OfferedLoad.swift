import Kinesis
import Measurement
import Scenarios

/// Every first try of a plan as it is sent: when, how large, and by which of some places it is found.
///
/// A *place* stands for all records that fall on one hash key: those of one partition key, or of one explicit hash key.
/// Where the places lie is a matter of the draw; everything else is the same in all of them, so it is made once.
package struct OfferedLoad: Sendable {
  /// Records sent at one instant.
  struct Batch: Sendable {
    /// Nanoseconds since the run's start.
    var instant: Int64
    /// The first of its records; they are one after another.
    var first: Int
    var count: Int
    /// Whether its phase is judged.
    var isMeasured: Bool
    /// The logical producer that sends it.
    var producer: Int
  }

  /// What the heaviest place brings on its own.
  struct Alone {
    /// Records/s and bytes/s in its busiest minute.
    var records = 0.0
    var bytes = 0.0
    /// Judged records that a shard of its own throttles.
    var throttled = 0
  }

  /// Plans of more records are not sized: everything below is walked for each draw.
  package static let mostRecords: UInt64 = 5_000_000
  /// Lengths of time over which loads are added up: half a second.
  static let window: Int64 = 500_000_000
  /// A minute in windows.
  static let minute = 120

  let plan: Plan
  /// In order of time.
  let batches: [Batch]
  /// By record, in order of time.
  let batchOfRecord: [UInt32]
  private(set) var places: [UInt32]
  let sizes: [UInt32]
  /// The size of every record, where all are alike.
  let uniformSize: Int?
  /// By place: the key, where keys decide.
  private let keys: [UInt64]
  /// By place: the hash key, where explicit ones decide.
  private let hashKeys: [UInt128]
  /// How many keys the heaviest has become.
  private var parts = 1
  /// By place, measured records alone.
  private(set) var weights: [UInt32]
  /// The place with most measured records, the first of several; nil without records.
  let heaviest: Int?
  /// The share of the measured records that it has.
  let heaviestShare: Double
  /// How many windows the plan lasts.
  let windows: Int
  /// Whether a window lies in a measured phase, by its middle.
  let isMeasured: [Bool]
  /// Lasts of the judged phases together, seconds.
  let measuredSeconds: Double
  /// Judged records, and their data and keys.
  let measuredRecords: Int
  let measuredBytes: Int

  /// Walks a plan.
  ///
  /// - Precondition: it has at most `mostRecords` records, and no closed loop.
  /// - Complexity: O(records + batches x log batches).
  package init(_ plan: Plan) {
    self.plan = plan
    let isByKey = plan.isRoutedByKey
    // Without a measured phase all are judged, as in reports.
    let takesAll = !plan.phases.contains(where: \.measured)
    var made: [Batch] = []
    var drawn: [(place: UInt32, size: UInt32)] = []
    var placeOfKey: [UInt64: UInt32] = [:]
    var placeOfHash: [UInt128: UInt32] = [:]
    var keys: [UInt64] = []
    var hashKeys: [UInt128] = []
    let blank = PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0)
    var room = Array(repeating: blank, count: plan.scenario.batch.records)
    for producer in 0..<plan.scenario.client.producers {
      var cursor = plan.batches(ofProducer: producer)
      while let batch = room.withUnsafeMutableBufferPointer({ cursor.next(into: $0) }) {
        made.append(
          Batch(
            instant: batch.closesAt, first: drawn.count, count: batch.count,
            isMeasured: takesAll || plan.phases[batch.phase].measured, producer: producer))
        for record in room[..<batch.count] {
          let place: UInt32
          if isByKey {
            if let known = placeOfKey[record.key] {
              place = known
            } else {
              place = UInt32(keys.count)
              placeOfKey[record.key] = place
              keys.append(record.key)
            }
          } else {
            let hash = plan.hash(of: record)
            if let known = placeOfHash[hash] {
              place = known
            } else {
              place = UInt32(hashKeys.count)
              placeOfHash[hash] = place
              hashKeys.append(hash)
            }
          }
          drawn.append((place, UInt32(clamping: record.bytes)))
        }
      }
    }
    made.sort { ($0.instant, $0.producer) < ($1.instant, $1.producer) }

    var batches: [Batch] = []
    var batchOfRecord: [UInt32] = []
    var places: [UInt32] = []
    var sizes: [UInt32] = []
    batches.reserveCapacity(made.count)
    batchOfRecord.reserveCapacity(drawn.count)
    places.reserveCapacity(drawn.count)
    sizes.reserveCapacity(drawn.count)
    var weights = Array(repeating: UInt32(0), count: keys.count + hashKeys.count)
    var measured = (records: 0, bytes: 0)
    for entry in made {
      var batch = entry
      batch.first = places.count
      for record in drawn[entry.first..<entry.first + entry.count] {
        batchOfRecord.append(UInt32(batches.count))
        places.append(record.place)
        sizes.append(record.size)
        guard batch.isMeasured else { continue }
        weights[Int(record.place)] += 1
        measured.records += 1
        measured.bytes += Int(record.size)
      }
      batches.append(batch)
    }
    (self.batches, self.batchOfRecord, self.places, self.sizes) = (batches, batchOfRecord, places, sizes)
    (self.keys, self.hashKeys, self.weights) = (keys, hashKeys, weights)
    (measuredRecords, measuredBytes) = measured
    uniformSize = sizes.first.flatMap { first in sizes.allSatisfy { $0 == first } ? Int(first) : nil }
    let most = weights.max() ?? 0
    heaviest = most > 0 ? weights.firstIndex(of: most) : nil
    heaviestShare = Quotient.divide(Double(most), by: Double(measured.records)) ?? 0
    windows = max(1, Int((plan.duration.value + Self.window - 1) / Self.window))
    isMeasured = (0..<windows).map { window in
      let middle = Int64(window) * Self.window + Self.window / 2
      return plan.phases.contains {
        (takesAll || $0.measured) && $0.start.value <= middle && middle < $0.end.value
      }
    }
    measuredSeconds = plan.phases.reduce(0) { $0 + (takesAll || $1.measured ? $1.duration.seconds : 0) }
  }

  /// Number of records.
  package var count: Int { places.count }
  /// Number of places.
  var placeCount: Int { weights.count }
  /// The key of the heaviest place, where keys decide.
  package var heaviestKey: UInt64? { heaviest.flatMap { keys.isEmpty ? nil : keys[$0] } }
  /// Whether partition keys alone say where records go.
  var isByKey: Bool { !keys.isEmpty }
  /// UTF-8 bytes of a place's key; 0 where explicit hash keys decide.
  func keyBytes(ofPlace place: Int) -> Int { keys.isEmpty ? 0 : plan.keys.length(of: keys[place]) }

  /// What the heaviest place would do with a shard of its own. O(records).
  func heaviestAlone(rule: ShardLimiter.Rule) -> Alone {
    guard let heaviest else { return Alone() }
    var limiter = ShardLimiter(rule: rule)
    var alone = Alone()
    var records = Array(repeating: 0, count: windows)
    var bytes = records
    for record in places.indices where places[record] == UInt32(heaviest) {
      let batch = batches[Int(batchOfRecord[record])]
      let isTaken = limiter.admit(bytes: Int(sizes[record]), at: batch.instant)
      guard batch.isMeasured else { continue }
      if !isTaken { alone.throttled += 1 }
      records[window(at: batch.instant)] += 1
      bytes[window(at: batch.instant)] += Int(sizes[record])
    }
    let seconds = min(measuredSeconds, Double(Self.minute) * Double(Self.window) / 1e9)
    guard seconds > 0 else { return alone }
    alone.records = Double(busiestMinute(records)) / seconds
    alone.bytes = Double(busiestMinute(bytes)) / seconds
    return alone
  }

  /// Records/s of all judged records in the busiest minute.
  var busiestRecords: Double {
    var records = Array(repeating: 0, count: windows)
    for batch in batches where batch.isMeasured { records[window(at: batch.instant)] += batch.count }
    let seconds = min(measuredSeconds, Double(Self.minute) * Double(Self.window) / 1e9)
    return seconds > 0 ? Double(busiestMinute(records)) / seconds : 0
  }

  /// The most that a minute of windows adds up to.
  private func busiestMinute(_ amounts: [Int]) -> Int {
    var sum = 0
    var most = 0
    for window in amounts.indices {
      sum += amounts[window]
      if window >= Self.minute { sum -= amounts[window - Self.minute] }
      most = max(most, sum)
    }
    return most
  }

  /// What a month is charged by that is like the judged time; the scenario's consumers read all of it.
  ///
  /// - Parameter mean: the mean of the month over the busiest minute; `nil`: the month is as the judged time is on the
  ///   average.
  /// - Complexity: O(records).
  package func month(mean: Double?) -> Prices.Month {
    guard measuredRecords > 0, measuredSeconds > 0 else {
      return Prices.Month(putUnits: 0, onDemandBytes: 0, bytesOut: 0)
    }
    var (units, bytes) = (0, 0)
    for batch in batches where batch.isMeasured {
      for record in batch.first..<batch.first + batch.count {
        let size = max(1, Int(sizes[record]))
        units += (size + Prices.putUnit - 1) / Prices.putUnit
        bytes += (size + Prices.onDemandUnit - 1) / Prices.onDemandUnit * Prices.onDemandUnit
      }
    }
    let peak = busiestRecords / (Double(measuredRecords) / measuredSeconds)
    let factor = (mean.map { $0 * peak } ?? 1) / measuredSeconds
    let consumers = plan.scenario.stream.consumers
    return Prices.Month(
      putUnits: Double(units) * factor, onDemandBytes: Double(bytes) * factor,
      bytesOut: Double(measuredBytes) * factor * Double(consumers.shared + consumers.fanOut))
  }

  /// The load with the records of the heaviest key given turn and turn about to several keys: `K-0`, `K-1`, …
  ///
  /// - Precondition: keys decide, and there is a record.
  func spreadingHeaviest(over parts: Int) -> OfferedLoad {
    var load = self
    load.parts = parts
    var next = 0
    for record in places.indices where places[record] == UInt32(heaviest ?? 0) {
      let part = next % parts
      next += 1
      if part > 0 { load.places[record] = UInt32(keys.count + part - 1) }
    }
    load.weights = Array(repeating: 0, count: keys.count + parts - 1)
    for batch in batches where batch.isMeasured {
      for record in batch.first..<batch.first + batch.count { load.weights[Int(load.places[record])] += 1 }
    }
    return load
  }

  /// Where the places lie in a draw.
  func positions(in draw: KeyDraw) -> [UInt128] {
    guard !keys.isEmpty else { return hashKeys }
    var positions = keys.map { draw.hash(ofKey: $0) }
    if parts > 1, let heaviest {
      positions[heaviest] = draw.hash(ofPart: 0, of: keys[heaviest])
      for part in 1..<parts { positions.append(draw.hash(ofPart: part, of: keys[heaviest])) }
    }
    return positions
  }

  /// The window in which a record is sent; what is sent at the very end belongs to the last.
  func window(ofRecord record: Int) -> Int {
    window(at: batches[Int(batchOfRecord[record])].instant)
  }

  /// The window of an instant.
  func window(at instant: Int64) -> Int { min(windows - 1, Int(instant / Self.window)) }
}
