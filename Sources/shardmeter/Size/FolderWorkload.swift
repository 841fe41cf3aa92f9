import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON

/// A workload made of what a result folder has seen, for folders without a scenario of their own: keys from `keys.csv`, rates
/// from the seconds of `timeseries.csv`, shards from `shards.csv`.
struct FolderWorkload {
  /// The scenario's text and the stream's shards.
  let document: [UInt8]
  let shards: ShardMap?
  /// What it stands on and what is not known, each a sentence.
  let notes: [String]

  /// Where the number of further keys is not known, so many are assumed.
  static let assumedKeys = 10_000

  /// Bytes of a generated key: the prefix `key-` and eight digits.
  private static let generatedKeyBytes = 12

  /// Makes one.
  ///
  /// - Parameter run: the folder, read back.
  /// - Throws: `CommandFailure` 2 where no second or no key was counted.
  init(_ run: LoadedRun) throws {
    let place = run.folder
    var seconds: [Int: Traffic] = [:]
    for row in run.timeseries ?? [] where row.measured { seconds[row.tS, default: Traffic()].add(row.traffic) }
    guard let first = seconds.keys.min(), let last = seconds.keys.max() else {
      throw CommandFailure(
        "--from: \(place) has no scenario.json that can be used, and no measured second in \(TimeseriesRow.fileName)",
        code: .usage)
    }
    let keys = (run.keys ?? []).filter { $0.shareRatio > 0 }
    guard !keys.isEmpty else {
      throw CommandFailure(
        "--from: \(place) has no scenario.json that can be used, and no key in \(KeyRow.fileName)", code: .usage)
    }
    let all = seconds.values.reduce(into: Traffic()) { $0.add($1) }
    let knowsFirstTries = all.firstTries > 0
    guard all.attempted > 0 else {
      throw CommandFailure("--from: nothing was attempted in \(place)", code: .usage)
    }
    // The most that a scenario may list; a longer time is cut, and said to be.
    let most = 10_000
    let end = min(last, first + most - 1)
    let rates = (first...end).map { second -> JSONValue in
      let traffic = seconds[second] ?? Traffic()
      return .number(Double(knowsFirstTries ? traffic.firstTries : traffic.attempted))
    }
    let named = keys.filter(Self.isNamed)
    let keyBytes =
      named.isEmpty ? Self.generatedKeyBytes : named.reduce(0) { $0 + $1.partitionKey.utf8.count } / named.count
    let size = max(1, Int(all.attemptedBytes / all.attempted) - keyBytes)
    var notes = [
      "Made of \(place): \(knowsFirstTries ? "first tries" : "tries, retries included") of each second, records of their mean size, "
        + "no retries."
    ]
    if end < last { notes.append("Of \(last - first + 1) seconds the first \(most) count.") }
    let others = Self.others(run, listed: keys.count)
    let key = Self.key(keys, named: named, others: others, &notes)
    let perRequest = Quotient.divide(all.attempted, by: all.requests).map { max(1, min(500, Int($0.rounded()))) }
    let profile = run.summary?.target.limitsProfile.flatMap { LimitsProfile(name: $0) }?.name
    let name = run.summary?.scenario?.name ?? "observed"
    let phase: [(String, JSONValue)] = [
      ("name", "seen"), ("duration", .string("\(end - first + 1)s")),
      ("rate", ["type": "steps", "each": "1s", "values": .array(rates)]),
    ]
    var stream: [(String, JSONValue)] = [("shards", .integer(Int64(max(1, run.summary?.target.shards ?? 1))))]
    if let stated = run.summary?.target.stream, !stated.isEmpty { stream.append(("name", .string(stated))) }
    if let profile { stream.append(("limits", .string(profile))) }
    document = Array(
      JSONWriter.compact(
        .object([
          ("schema", "shardmeter/1"), ("name", .string(name)), ("stream", .object(stream)),
          ("records", ["size": .string("\(size)B"), "key": key]),
          ("batch", ["records": .integer(Int64(perRequest ?? 500))]), ("phases", .array([.object(phase)])),
        ])
      ).utf8)
    shards = Self.openShards(run.shards ?? [])
    self.notes = notes
  }

  /// Whether a row has the key itself, and not its hash or nothing.
  private static func isNamed(_ row: KeyRow) -> Bool {
    guard !row.partitionKey.isEmpty, let hash = row.hash else { return false }
    return Array(row.partitionKey.utf8).withUnsafeBytes { PartitionKeyHash.md5($0) } == hash
  }

  /// How many keys there are beside the listed ones; nil where that was not counted.
  private static func others(_ run: LoadedRun, listed: Int) -> Int? {
    let counts = (run.shards ?? []).map(\.keys)
    guard !counts.isEmpty else { return nil }
    let known = counts.compactMap { $0 }
    return known.count == counts.count ? max(0, known.reduce(0, +) - listed) : nil
  }

  private static func key(
    _ keys: [KeyRow], named: [KeyRow], others: Int?, _ notes: inout [String]
  ) -> JSONValue {
    let more = others ?? assumedKeys
    if others == nil { notes.append("How many more keys there are was not counted: \(assumedKeys) are assumed.") }
    guard named.count == keys.count else {
      let what = keys.contains { $0.hash != nil } ? "hashes of keys" : "no keys"
      notes.append(
        "\(KeyRow.fileName) has \(what): only the heaviest key's share is real, where keys lie is drawn.")
      let count = Int64(max(1, keys.count + more))
      let share = keys.map(\.shareRatio).max() ?? 0
      guard count > 1, share < 1 else { return "constant" }
      guard share > 1.01 / Double(count) else { return ["type": "uniform", "cardinality": .integer(count)] }
      return ["type": "zipf", "topShare": .number(share), "cardinality": .integer(count)]
    }
    let sum = keys.reduce(0) { $0 + $1.shareRatio }
    // Shares have six decimals, so that a hundred of them are a little beside their sum.
    let hasRest = more > 0 && sum < 1 - 1e-4
    let scale = hasRest && sum <= 1 ? 1 : 1 / sum
    let values = keys.map { row -> JSONValue in
      ["key": .string(row.partitionKey), "share": .number(row.shareRatio * scale)]
    }
    notes.append("The \(keys.count) heaviest keys are the real ones\(hasRest ? "; the others are alike" : "").")
    guard hasRest else { return ["type": "weighted", "values": .array(values)] }
    return [
      "type": "weighted", "values": .array(values),
      "rest": ["type": "uniform", "cardinality": .integer(Int64(max(1, more)))],
    ]
  }

  /// The shards that were open at the end, where their ranges are known and make up the whole.
  private static func openShards(_ rows: [ShardRow]) -> ShardMap? {
    let shards = rows.filter { $0.openToS == nil }.compactMap { row -> Shard? in
      guard let start = row.hashStart, let end = row.hashEnd, start <= end else { return nil }
      return Shard(id: row.shardID, range: HashKeyRange(start: start, end: end))
    }
    return try? ShardMap(shards: shards)
  }
}
