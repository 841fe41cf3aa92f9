import Foundation
import Kinesis
import TestSupport
import Testing
import Transport

/// A PutRecords endpoint on a socket that accepts everything and keeps what it was sent, by stream.
///
/// `@unchecked Sendable`: the decoder, the writer and the numbers are used by the server's thread alone; what is kept is
/// behind a lock.
final class RecordingTarget: HTTPHandler, @unchecked Sendable {
  private let decoder = PutRecordsRequestDecoder()
  private let writer = PutRecordsResponseWriter()
  private var numbers = SequenceNumberSource(shard: 0, created: 1_700_000_000)
  private let entry = ShardEntryText(shardID: "shardId-000000000000", streamName: "s", accountID: "000000000000")
  private let kept = Guarded<[String: [[String]]]>([:])

  /// The requests of a stream so far: what identifies each of their records, in order.
  func requests(of stream: String) -> [[String]] { kept.withLock { $0[stream] ?? [] } }

  /// Everything that identifies a record on the wire: key, place, size and the data itself.
  static func identity(
    key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, size: Int, hash: UInt128
  ) -> String {
    "\(String(decoding: key, as: UTF8.self)) \(hash) \(size) \(SHA256.digest(data).hex)"
  }

  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer) {
    guard case .request = decoder.decode(request.body) else {
      answer.status = 400
      return
    }
    var records: [String] = []
    writer.begin()
    for record in decoder.records {
      var data: [UInt8] = []
      Base64.decode(decoder.dataText(of: record), into: &data)
      records.append(
        data.withUnsafeBytes {
          Self.identity(
            key: decoder.key(of: record), data: $0, size: record.dataLength, hash: decoder.hashKey(of: record))
        })
      writer.appendAccepted(numbers.take(at: 1_700_000_000), entry)
    }
    kept.withLock { $0[decoder.streamName, default: []].append(records) }
    answer.append(writer.finish())
  }

  /// Serves on a free port while `body` runs.
  func serving<Result>(_ body: (UInt16) throws -> Result) throws -> Result {
    let server = try HTTPServer(host: "127.0.0.1", port: 0, handler: self)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do { try server.run() } catch { Issue.record(error) }
      ended.signal()
    }
    defer {
      server.stop()
      ended.wait()
    }
    return try body(server.port)
  }
}
