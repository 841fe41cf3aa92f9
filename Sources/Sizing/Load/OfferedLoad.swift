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
  }

  /// Plans of more records are not sized: everything below is walked for each draw.
  package static let mostRecords: UInt64 = 5_000_000
  /// Lengths of time over which loads are added up: half a second.
  static let window: Int64 = 500_000_000

  let plan: Plan
  /// In order of time.
  let batches: [Batch]
  /// By record, in order of time.
  let batchOfRecord: [UInt32]
  let places: [UInt32]
  let sizes: [UInt32]
  /// The size of every record, where all are alike.
  let uniformSize: Int?
  /// By place: the key, where keys decide.
  private let keys: [UInt64]
  /// By place: the hash key, where explicit ones decide.
  private let hashKeys: [UInt128]
  /// By place, measured records alone.
  let weights: [UInt32]
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
    let isByKey = plan.isKeyPlacing
    // Without a measured phase all are judged, as in reports.
    let takesAll = !plan.phases.contains(where: \.measured)
    struct Made {
      var batch: Batch
      var producer: Int
    }
    var made: [Made] = []
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
          Made(
            batch: Batch(
              instant: batch.closesAt, first: drawn.count, count: batch.count,
              isMeasured: takesAll || plan.phases[batch.phase].measured), producer: producer))
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
    made.sort { ($0.batch.instant, $0.producer) < ($1.batch.instant, $1.producer) }

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
      var batch = entry.batch
      batch.first = places.count
      for record in drawn[entry.batch.first..<entry.batch.first + batch.count] {
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
  /// Records of the busiest window of a place, a second's worth.
  func busiestRate(ofPlace place: Int) -> Double {
    var counts = Array(repeating: 0, count: windows)
    for record in places.indices where places[record] == UInt32(place) { counts[window(ofRecord: record)] += 1 }
    return Double(counts.max() ?? 0) * 1e9 / Double(Self.window)
  }

  /// Where the places lie in a draw.
  func positions(in draw: KeyDraw) -> [UInt128] {
    keys.isEmpty ? hashKeys : keys.map { draw.hash(ofKey: $0) }
  }

  /// The window in which a record is sent; what is sent at the very end belongs to the last.
  func window(ofRecord record: Int) -> Int {
    window(at: batches[Int(batchOfRecord[record])].instant)
  }

  /// The window of an instant.
  func window(at instant: Int64) -> Int { min(windows - 1, Int(instant / Self.window)) }
}
