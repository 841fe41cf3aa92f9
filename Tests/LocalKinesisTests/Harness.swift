import Foundation
import Kinesis
import LocalKinesis
import StrictJSON

/// A service with a hand-set clock, called without sockets.
final class Harness {
  static let json = "application/x-amz-json-1.1"
  static let cbor = "application/x-amz-cbor-1.1"
  static let authorization =
    "AWS4-HMAC-SHA256 Credential=test/20260314/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"

  let service: EmbeddedService
  var time = ServiceTime(nanoseconds: 1_000_000_000_000, microseconds: 1_773_479_712_123_000)

  init(
    _ change: (inout EmbeddedTargetConfiguration) -> Void = { _ in }, counts: TargetCounts = TargetCounts(),
    capture: TrafficCapture? = nil,
    warn: @escaping (String) -> Void = { _ in }
  ) throws {
    var configuration = EmbeddedTargetConfiguration()
    change(&configuration)
    service = try EmbeddedService(configuration, at: time, counts: counts, capture: capture, warn: warn)
  }

  /// Both clocks go on by so many milliseconds.
  func advance(milliseconds: Int64) {
    time.nanoseconds += milliseconds * 1_000_000
    time.microseconds += milliseconds * 1000
  }

  /// Answers raw bytes.
  func send(_ body: [UInt8], _ change: (inout ServiceRequest) -> Void = { _ in }) -> ServiceAnswer {
    var answer = ServiceAnswer()
    body.withUnsafeBytes { bytes in
      var request = ServiceRequest(
        contentType: Self.json, target: "Kinesis_20131202.PutRecords", authorization: Self.authorization, hasDate: true,
        body: bytes)
      change(&request)
      service.answer(request, at: time, into: &answer)
    }
    return answer
  }

  /// Answers an operation with JSON input.
  func call(_ operation: String, _ body: String) -> Reply {
    Reply(send(Array(body.utf8)) { $0.target = "Kinesis_20131202.\(operation)" })
  }

  /// Creates a stream and waits until it is there.
  func create(_ name: String, shards: Int) {
    _ = call("CreateStream", #"{"StreamName":"\#(name)","ShardCount":\#(shards)}"#)
    advance(milliseconds: 500)
  }

  /// A body of PutRecords with these keys, each record with the same base64 data.
  static func records(_ keys: [String], data: String = "AA==", stream: String = "orders") -> String {
    let entries = keys.map { #"{"Data":"\#(data)","PartitionKey":"\#($0)"}"# }.joined(separator: ",")
    return #"{"StreamName":"\#(stream)","Records":[\#(entries)]}"#
  }
}

/// An answer with its body read.
struct Reply {
  var status: Int
  var text: String
  var json: JSONValue
  var answer: ServiceAnswer

  init(_ answer: ServiceAnswer) {
    let body = answer.withBody { Array($0) }
    self.answer = answer
    status = answer.status
    text = String(decoding: body, as: UTF8.self)
    json = (try? JSONDocument.parse(body, source: "answer").value) ?? .null
  }

  /// `__type`.
  var code: String? { json["__type"]?.string }
  /// `message`.
  var message: String? { json["message"]?.string }
  /// The entries of a PutRecords answer.
  var records: [JSONValue] { json["Records"]?.array ?? [] }
  /// The parts of a ValidationException, whose order is not defined.
  var parts: Set<String> {
    guard let message, let colon = message.range(of: " detected: ") else { return [] }
    return Set(message[colon.upperBound...].components(separatedBy: "; "))
  }

  func header(_ name: String) -> String? { answer.headers.first { "\($0.name)" == name }?.value }
}

extension JSONValue {
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}
