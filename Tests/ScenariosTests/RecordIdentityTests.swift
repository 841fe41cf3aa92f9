import Foundation
import Kinesis
import Scenarios
import Testing

/// What was sent is recognised again from key and data alone.
@Suite struct RecordIdentityTests {
  private static func plan(_ payload: String, phases: String? = nil) throws -> Plan {
    try Fixture.plan(
      Fixture.text(
        records: "\"size\": {\"type\": \"uniform\", \"min\": 34, \"max\": 90}, \"payload\": \"\(payload)\", "
          + "\"key\": {\"type\": \"uniform\", \"cardinality\": 20}, \"identity\": true",
        phases: phases ?? "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 100}, "
          + "{\"name\": \"b\", \"duration\": \"1s\", \"rate\": 50, \"arrivals\": \"poisson\"}"))
  }

  @Test(arguments: ["random", "zeros", "text", "json"])
  func everyRecordNamesItself(payload: String) throws {
    let plan = try Self.plan(payload)
    let probe = RecordProbe(plan)
    for (phase, count) in [(0, 100), (1, 50)] {
      for index in 0..<UInt64(count) {
        let record = plan.record(index, in: phase)
        let data = Array(Data(plan.data(of: record)).base64EncodedString().utf8)
        let identity = try #require(data.withUnsafeBytes { RecordIdentity(base64: $0) })
        #expect(identity == RecordIdentity(phase: UInt16(phase), index: index))
        let found = try #require(probe.record(identity))
        #expect((found.key, found.dataBytes) == (record.key, record.dataBytes))
        let key = plan.keys.bytes(of: record.key)
        func isUnchanged(_ data: [UInt8], _ key: [UInt8]) -> Bool {
          data.withUnsafeBytes { data in key.withUnsafeBytes { probe.isUnchanged(found, data: data, key: $0) } }
        }
        #expect(isUnchanged(data, key))
        #expect(!isUnchanged(data, key + [0x30]) && !isUnchanged(data, Array(key.dropLast())))
        #expect(!isUnchanged(Array(data.dropLast(4)), key))
        var other = data
        other[other.count - 6] = other[other.count - 6] == 0x41 ? 0x42 : 0x41
        #expect(!isUnchanged(other, key))
      }
    }
  }

  @Test(arguments: [
    "", "c20=", "c20wMDAw", "c20wMDAwMDAwMDAwMDAwMDBH", "U00wMDAwMDAwMDAwMDAwMDAw", "c20wMDAwMDAwMDAwMDAwMDAw*",
    "eyJpZCI6IngiLCJ2IjoiYWFhYWFhYWFhYWFhYWFhYSJ9", "!!!!", "äöü",
  ])
  func anythingElseHasNone(text: String) {
    let bytes = Array(text.utf8)
    let identity = bytes.withUnsafeBytes { RecordIdentity(base64: $0) }
    // A whole identity before a character that is no base64 is one: the rest is compared as a whole.
    #expect((identity == nil) == !text.hasPrefix("c20wMDAwMDAwMDAwMDAwMDAw*"), "\(text)")
  }

  @Test func numbersOutsideThePlanAreNotItsOwn() throws {
    let probe = RecordProbe(try Self.plan("random"))
    #expect(probe.record(RecordIdentity(phase: 0, index: 99)) != nil)
    #expect(probe.record(RecordIdentity(phase: 0, index: 100)) == nil)
    #expect(probe.record(RecordIdentity(phase: 2, index: 0)) == nil)
    #expect(probe.record(RecordIdentity(phase: .max, index: 1 << 47)) == nil)
  }

  @Test func keysThatMoveWithTimeAreKnownByTheirSchedule() throws {
    let drift = "\"key\": {\"type\": \"drift\", \"cardinality\": 50, \"hotKeyShare\": 0.1, \"hotTrafficShare\": 0.9, "
    let records = "\"size\": 40, \(drift)\"period\": \"100ms\"}, \"identity\": true"
    let open = try Fixture.plan(Fixture.text(records: records))
    let probe = RecordProbe(open)
    #expect(probe.knowsKeys(ofPhase: 0))
    for index in stride(from: UInt64(0), to: 200, by: 7) {
      #expect(probe.record(RecordIdentity(phase: 0, index: index))?.key == open.record(index, in: 0).key)
    }
    let closed = try Fixture.plan(
      Fixture.text(records: records, phases: "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": \"max\"}"))
    #expect(!RecordProbe(closed).knowsKeys(ofPhase: 0))
  }
}
