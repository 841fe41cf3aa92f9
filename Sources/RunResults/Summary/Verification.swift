import StrictJSON

/// The whole of `verification.json`: what reading a run's stream back found, shard by shard, with examples.
package struct Verification: SummarySection {
  /// The value of `schema`.
  package static let schemaName = "shardmeter.verification/1"
  /// The file's name in a result folder.
  package static let fileName = "verification.json"

  package var schema = Verification.schemaName
  package var runID = ""
  /// When the reading ended, in UTC.
  package var time = ""
  package var stream = ""
  /// `show`, `hash` or `hide`: how keys are called below.
  package var keys = ""
  package var records = SummaryVerification()
  /// In the order of their ids as listed.
  package var shards: [VerificationShard] = []
  /// Some of each kind, the first met.
  package var examples: [VerificationExample] = []
  package var reading = VerificationReading()

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("schema", &schema)
    try visitor.member("run_id", &runID)
    try visitor.member("time", &time)
    try visitor.member("stream", &stream)
    try visitor.member("keys", &keys)
    try visitor.member("records", &records)
    try visitor.member("shards", &shards)
    try visitor.member("examples", &examples)
    try visitor.member("reading", &reading)
  }

  /// Reads the file.
  ///
  /// - Throws: `JSONFailure` for text that is no JSON, a member of another type, or a schema of another number.
  package static func parse(_ bytes: [UInt8]) throws(JSONFailure) -> Verification {
    let node = try JSONDocument.parse(bytes, source: fileName)
    let schema = try node.object().required("schema")
    guard try schema.string() == schemaName else { throw schema.failure(expected: "\"\(schemaName)\"") }
    return try Verification(json: node)
  }

  /// The file's text.
  package var fileText: String { JSONWriter.pretty(json(decimals: 3)) + "\n" }
}
