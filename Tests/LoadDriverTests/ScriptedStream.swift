import Foundation
import Kinesis
import Measurement

@testable import StreamAccess

/// A stream in memory that is read through `ControlCalls`: shards with their records, pages of a fixed length, and
/// whatever goes wrong in between.
final class ScriptedStream: ControlCalls {
  struct Record {
    var sequence: Int
    var data: [UInt8]
    var key: String
    var arrival: Double
  }

  struct Shard {
    var id: String
    var parents: [String] = []
    var isClosed = false
    var records: [Record] = []
  }

  let clock = ManualClock()
  var shards: [Shard]
  /// Records in one answer.
  var pageLength = 3
  /// Answers given in place of the next calls, by operation; nil lets one pass.
  var troubles: [String: [(status: Int, body: String)?]] = [:]
  /// Called before each call: what happens to the stream meanwhile.
  var beforeCall: (ScriptedStream, String) -> Void = { _, _ in }
  /// The calls made, with the shard they were about.
  private(set) var asked: [String] = []

  init(_ shards: [Shard]) { self.shards = shards }

  func pause(milliseconds: Int) { clock.advance(by: .milliseconds(Double(milliseconds))) }

  func call(_ operation: ClientOperation, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8]) {
    let operation = operation.rawValue
    beforeCall(self, operation)
    clock.advance(by: .milliseconds(1))
    if var planned = troubles[operation], !planned.isEmpty {
      let trouble = planned.removeFirst()
      troubles[operation] = planned
      if let trouble {
        asked.append("\(operation) \(trouble.status)")
        if trouble.status == 0 { throw .unreachable(code: trouble.body) }
        return (trouble.status, Array(trouble.body.utf8))
      }
    }
    let input = (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    switch operation {
    case "ListShards": return (200, Array(list.utf8))
    case "GetShardIterator": return (200, Array(iterator(input).utf8))
    case "GetRecords": return (200, Array(records(input["ShardIterator"] as? String ?? "").utf8))
    default: return (400, Array(#"{"__type":"UnknownOperationException"}"#.utf8))
    }
  }

  private var list: String {
    let entries = shards.enumerated().map { number, shard in
      let names = ["ParentShardId", "AdjacentParentShardId"]
      let parents = zip(names, shard.parents).map { #""\#($0)":"\#($1)","# }.joined()
      return
        #"{"ShardId":"\#(shard.id)",\#(parents)"HashKeyRange":{"StartingHashKey":"\#(number)","EndingHashKey":"\#(number)"}}"#
    }
    return #"{"Shards":[\#(entries.joined(separator: ","))]}"#
  }

  private func iterator(_ input: [String: Any]) -> String {
    let id = input["ShardId"] as? String ?? ""
    let records = shards.first { $0.id == id }?.records ?? []
    let position: Int
    switch input["ShardIteratorType"] as? String {
    case "AT_TIMESTAMP":
      let from = input["Timestamp"] as? Double ?? 0
      position = records.firstIndex { $0.arrival >= from } ?? records.count
    case "AFTER_SEQUENCE_NUMBER":
      let last = Int(input["StartingSequenceNumber"] as? String ?? "") ?? 0
      position = records.firstIndex { $0.sequence > last } ?? records.count
    default: position = 0
    }
    asked.append("GetShardIterator \(id) \(input["ShardIteratorType"] ?? "")")
    // With a line end, as moto's have.
    return #"{"ShardIterator":"\#(id) \#(position)\n"}"#
  }

  private func records(_ iterator: String) -> String {
    let words = iterator.split { $0.isWhitespace }
    let id = String(words.first ?? "")
    let position = words.last.flatMap { Int($0) } ?? 0
    asked.append("GetRecords \(id)")
    guard let shard = shards.first(where: { $0.id == id }) else { return "{}" }
    let page = shard.records.dropFirst(position).prefix(pageLength)
    let entries = page.map {
      #"{"SequenceNumber":"\#($0.sequence)","ApproximateArrivalTimestamp":\#($0.arrival),"Data":"\#(Data($0.data).base64EncodedString())","PartitionKey":"\#($0.key)"}"#
    }
    let next = position + page.count
    let isBehind = next < shard.records.count
    let follower = shard.isClosed && !isBehind ? "" : #","NextShardIterator":"\#(id) \#(next)""#
    return #"{"Records":[\#(entries.joined(separator: ","))],"MillisBehindLatest":\#(isBehind ? 100 : 0)\#(follower)}"#
  }
}
