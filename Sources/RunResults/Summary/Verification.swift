import Observations
import StrictJSON

extension Verification: SummarySection {
  /// The value of `schema`.
  package static let schemaName = "shardmeter.verification/1"
  /// The file's name in a result folder.
  package static let fileName = "verification.json"

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    var schema = Self.schemaName
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

extension VerificationCounts: SummarySection {
  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("passed", &passed)
    try visitor.member("complete", &complete)
    try visitor.member("problem", &problem)
    try visitor.member("accepted", &accepted)
    try visitor.member("found", &found)
    try visitor.member("missing", &missing)
    try visitor.member("duplicated", &duplicated)
    try visitor.member("duplicated_unexplained", &duplicatedUnexplained)
    try visitor.member("reordered", &reordered)
    try visitor.member("order_judged", &orderJudged)
    try visitor.member("unknown", &unknown)
    try visitor.member("unknown_found", &unknownFound)
    try visitor.member("refused_found", &refusedFound)
    try visitor.member("altered", &altered)
    try visitor.member("earlier", &earlier)
    try visitor.member("foreign", &foreign)
    try visitor.member("read", &read)
    try visitor.member("shards", &shards)
  }
}

extension VerificationShard: SummarySection {
  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("id", &id)
    try visitor.member("parents", &parents)
    try visitor.member("read", &read)
    try visitor.member("found", &found)
    try visitor.member("copies", &copies)
    try visitor.member("reordered", &reordered)
    try visitor.member("altered", &altered)
    try visitor.member("foreign", &foreign)
  }
}

extension VerificationExample: SummarySection {
  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("kind", &kind)
    try visitor.member("phase", &phase)
    try visitor.member("record", &record)
    try visitor.member("key", &key)
    try visitor.member("shard", &shard)
    try visitor.member("sequence_number", &sequenceNumber)
  }
}

extension VerificationReading: SummarySection {
  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("calls", &calls)
    try visitor.member("throttled_calls", &throttledCalls)
    try visitor.member("failed_calls", &failedCalls)
    try visitor.member("bytes", &bytes)
    try visitor.member("seconds", &seconds, decimals: 3)
  }
}
