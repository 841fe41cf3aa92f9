/// One of the heaviest partition keys by first tries in the measured phases, a line of `keys.csv`.
package struct KeyRow: CSVRow {
  package static let fileName = "keys.csv"
  /// How many keys the file names.
  package static let maximumRows = 100

  package var runID = ""
  /// From 1; ties in the order of the keys' bytes.
  package var rank = 0
  /// The key, its hash or nothing, as `--keys` says.
  package var partitionKey = ""
  /// MD5 of the key as a position in the hash-key space; unknown with `--keys hide`.
  package var hash: UInt128?
  /// The shard that position belongs to, in hash order.
  package var shardIndex = 0
  /// First tries; an upper bound where `recordsError` is not 0.
  package var records = 0
  /// Share of all first tries.
  package var shareRatio = 0.0
  /// The most tries in one second of the measured phases, retries included, by the clock: the peak of `shards.csv` for
  /// one key. Unknown where keys are too many to be counted one by one.
  package var peak1sRecords: Int?
  /// The key's mean first tries a second over its shard's record limit; unknown without a limit.
  package var shardLimitRatio: Double?
  /// By how much `records` may be too high: 0 where keys were counted exactly.
  package var recordsError = 0

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("rank", &rank)
    try visitor.column("partition_key", &partitionKey)
    try visitor.column("hash", &hash)
    try visitor.column("shard_index", &shardIndex)
    try visitor.column("records", &records)
    try visitor.column("share_ratio", &shareRatio, decimals: 6)
    try visitor.column("peak_1s_records", &peak1sRecords)
    try visitor.ratio("shard_limit_ratio", &shardLimitRatio)
    try visitor.column("records_error", &recordsError)
  }
}
