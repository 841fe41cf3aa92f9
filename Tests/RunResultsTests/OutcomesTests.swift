import Kinesis
import Testing

@testable import Observations
@testable import RunResults

/// Two bits a record, from the lanes to the file and back.
@Suite struct OutcomesTests {
  private func observation(_ index: UInt64, _ phase: UInt16, _ outcome: AttemptOutcome) -> RecordObservation {
    var record = RecordObservation(
      PlannedRecord(index: index, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: phase))
    record.outcome = outcome
    return record
  }

  @Test(arguments: [(1, 1), (3, 1), (3, 2), (5, 5), (7, 3)])
  func lanesTogetherKnowEveryRecord(producers: Int, workers: Int) throws {
    let lanes = (0..<workers).map {
      LaneOutcomes(recordCounts: [40, nil], producers: producers, worker: $0, workers: workers)
    }
    let tries: [AttemptOutcome] = [.accepted, .unknown, .throttled, .fault]
    var expected: [[RecordOutcome]] = [[], []]
    for phase in 0..<2 {
      // The second phase's number of records is not known before: it grows.
      for index in 0..<(phase == 0 ? 40 : 3_000) {
        let mine = [tries[(index * 7 + phase) % 4], tries[(index * 5) % 4]]
        var records = mine.map { observation(UInt64(index), UInt16(phase), $0) }
        records.withUnsafeMutableBufferPointer { lanes[index % producers % workers].note($0) }
        expected[phase].append(
          RecordOutcome(mine.compactMap { $0 == .accepted ? .accepted : $0 == .unknown ? .unknown : nil }))
      }
    }
    let sum = RunOutcomes(phaseCount: 2)
    for lane in lanes { lane.add(to: sum) }
    let read = try #require(RunOutcomes(fileBytes: sum.fileBytes))
    for outcomes in [sum, read] {
      for phase in 0..<2 {
        for (index, outcome) in expected[phase].enumerated() {
          #expect(outcomes[UInt64(index), phase: phase] == outcome, "\(phase) \(index)")
        }
      }
    }
    #expect(read.recordCounts == sum.recordCounts && read.fileBytes == sum.fileBytes)
  }

  @Test(arguments: [
    "", "x", "shardmeter.outcomes/1", "shardmeter.outcomes/2 0\n", "shardmeter.outcomes/1 5\n\u{1}",
    "shardmeter.outcomes/1 4\n\u{1}\u{1}", "shardmeter.outcomes/1 -4\n\u{1}", "shardmeter.outcomes/1 4 x\n\u{1}",
    "shardmeter.outcomes/1 18446744073709551615 18446744073709551615\n\u{1}",
  ])
  func spoiltFilesAreRefused(text: String) {
    #expect(RunOutcomes(fileBytes: Array(text.utf8)) == nil, "\(text)")
  }

  @Test func anEmptyRunHasAFileToo() throws {
    let read = try #require(RunOutcomes(fileBytes: RunOutcomes(phaseCount: 2).fileBytes))
    #expect(read.recordCounts == [0, 0] && read[7, phase: 1] == [])
  }
}

@Suite struct VerificationTests {
  @Test func theFileReadsBackAsWritten() throws {
    var shard = VerificationShard()
    (shard.id, shard.parents, shard.read) = ("shardId-000000000002", ["shardId-000000000000"], 7)
    var example = VerificationExample()
    (example.kind, example.phase, example.record, example.key) = ("missing", "steady", 12, nil)
    var verification = Verification()
    (verification.runID, verification.shards, verification.examples) = ("r", [shard], [example])
    verification.records.reordered = nil
    verification.reading.seconds = 1.25
    #expect(try Verification.parse(Array(verification.fileText.utf8)) == verification)
    #expect(throws: (any Error).self) { try Verification.parse(Array("{\"schema\": \"shardmeter.summary/1\"}".utf8)) }
  }

  @Test(arguments: [
    ("pass", 0, true, true, "pass", 0), ("pass", 0, false, true, "fail", 3), ("pass", 0, false, false, "fail", 6),
    ("none", 0, true, true, "none", 0), ("none", 0, false, true, "fail", 3), ("fail", 3, false, true, "fail", 3),
    ("invalid", 5, false, true, "invalid", 5),
    ("incomplete", 130, false, true, "incomplete", 130),
  ])
  func whatIsMissingFailsARunThatPassed(
    verdict: String, code: Int, passed: Bool, complete: Bool, newVerdict: String, newCode: Int
  ) {
    var summary = Summary()
    (summary.verdict, summary.exitCode) = (verdict, code)
    var found = VerificationCounts()
    (found.passed, found.complete) = (passed, complete)
    summary.take(found)
    #expect((summary.verdict, summary.exitCode) == (newVerdict, newCode))
    #expect(summary.verification == found)
  }
}
