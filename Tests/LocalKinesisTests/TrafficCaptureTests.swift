import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// The trace of what arrives.
@Suite struct TrafficCaptureTests {
  /// A file that may be full.
  final class Paper {
    struct Full: Error {}
    var bytes: [UInt8] = []
    var failures = 0
    var isFull = false
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  func capture(_ settings: TrafficCapture.Settings, on paper: Paper) -> TrafficCapture {
    TrafficCapture(settings) { bytes in
      if paper.isFull { throw Paper.Full() }
      paper.bytes += bytes
    } fail: { _ in
      paper.failures += 1
    }
  }

  func harness(_ capture: TrafficCapture, _ change: (inout EmbeddedTargetConfiguration) -> Void = { _ in }) throws
    -> Harness
  {
    try Harness(change, capture: capture)
  }

  static func entry(_ key: String, _ data: [UInt8], hashKey: String? = nil) -> String {
    let explicit = hashKey.map { #","ExplicitHashKey":"\#($0)""# } ?? ""
    return #"{"Data":"\#(Base64.encoded(data))","PartitionKey":\#(JSONWriter.compact(.string(key)))\#(explicit)}"#
  }

  static func body(_ entries: [String]) -> String {
    #"{"StreamName":"orders","Records":[\#(entries.joined(separator: ","))]}"#
  }

  /// An aggregated record of two keys, three records (see `AggregateReaderTests`).
  static let aggregate = Base64.decoded(
    "84mawgoFa2V5LWEKBGvDqXkSJzE3MDE0MTE4MzQ2MDQ2OTIzMTczMTY4NzMwMzcxNTg4NDEwNTcyOBIBMBoLCAAQABoFZmlyc3QaBggBEAEaABoM"
      + "CAAQABoGAP8A/wD/wdhKd+8Vlo6xGE5c8tM2Zg==")

  @Test func rowsInCSV() throws {
    let paper = Paper()
    let capture = capture(.init(form: .csv, showsKeys: true), on: paper)
    let harness = try harness(capture)
    _ = harness.call("PutRecords", Self.body([Self.entry("a,\"b\"\r\n", [1, 2]), Self.entry("k", [], hashKey: "7")]))
    harness.advance(milliseconds: 1250)
    _ = harness.call("PutRecords", Self.body([Self.entry("a", Self.aggregate), Self.entry("é", [1])]))
    _ = harness.call("PutRecord", #"{"StreamName":"orders","PartitionKey":"one","Data":"AA=="}"#)
    // What the service refuses before it looks at shards did not arrive.
    _ = harness.call("PutRecords", Harness.records(["lost"], stream: "nowhere"))
    capture.finish()
    #expect(
      paper.text == """
        t_s,key,size,explicit_hash_key,container
        0.000000000,"a,""b""\r\n",2,,0
        0.000000000,k,0,7,1
        1.250000000,key-a,5,170141183460469231731687303715884105728,2
        1.250000000,kéy,0,0,2
        1.250000000,key-a,6,170141183460469231731687303715884105728,2
        1.250000000,é,1,,3
        1.250000000,one,1,,4

        """)
    #expect(capture.rows == 7 && capture.containers == 5 && capture.unopened == 0)
  }

  @Test func rowsInLinesWithHashes() throws {
    let paper = Paper()
    let capture = capture(.init(form: .lines), on: paper)
    _ = try harness(capture).call("PutRecords", Self.body([Self.entry("a", [1]), Self.entry("a", [], hashKey: "9")]))
    capture.finish()
    #expect(
      paper.text == """
        {"t_s":0.000000000,"hash":"0x0cc175b9c0f1b6a831c399e269772661","size":1,"container":0}
        {"t_s":0.000000000,"hash":"0x0cc175b9c0f1b6a831c399e269772661","size":0,"explicit_hash_key":"9","container":1}

        """)
  }

  @Test func triesOrDistinctRecords() throws {
    for (isDistinct, count) in [(false, 6), (true, 2)] {
      let paper = Paper()
      let capture = capture(.init(form: .csv, isDistinct: isDistinct), on: paper)
      let harness = try harness(capture) {
        $0.settings.faults = [FaultRule(kind: .throttle, occasion: .share(1, tries: 2))]
      }
      for _ in 0..<3 { _ = harness.call("PutRecords", Harness.records(["a", "b"])) }
      #expect(capture.rows == count)
    }
  }

  @Test func inCBORItIsTheSame() throws {
    let papers = [Paper(), Paper()]
    let captures = papers.map { capture(.init(form: .csv, showsKeys: true), on: $0) }
    _ = try harness(captures[0]).call("PutRecords", Self.body([Self.entry("a", Self.aggregate, hashKey: "5")]))
    let input = ServiceValue.members(
      ("StreamName", .text("orders")),
      (
        "Records",
        .list([
          .members(("PartitionKey", .text("a")), ("ExplicitHashKey", .text("5")), ("Data", .blob(Self.aggregate)))
        ])
      ))
    var body: [UInt8] = []
    CBORServiceCodec.encode(input, into: &body)
    let answer = try harness(captures[1]).send(body) { $0.contentType = Harness.cbor }
    #expect(answer.status == 200)
    for capture in captures { capture.finish() }
    #expect(captures[0].rows == 3)
    #expect(papers[0].text == papers[1].text)
  }

  @Test func whatCannotBeOpenedIsOneRowAndCounted() throws {
    let paper = Paper()
    let capture = capture(.init(form: .csv, showsKeys: true), on: paper)
    var broken = Self.aggregate
    broken[10] ^= 1
    // A record with an empty key, which no record may have: it would make the whole trace useless.
    let message: [UInt8] = [0x0A, 0x00, 0x1A, 0x04, 0x08, 0x00, 0x1A, 0x00]
    let digest = message.withUnsafeBytes { MD5.digest($0) }
    let keyless = AggregateReader.magic + message + (0..<16).map { UInt8(truncatingIfNeeded: digest >> (120 - 8 * $0)) }
    _ = try harness(capture).call("PutRecords", Self.body([Self.entry("a", broken), Self.entry("b", keyless)]))
    capture.finish()
    #expect(capture.unopened == 2)
    #expect(
      paper.text == """
        t_s,key,size,explicit_hash_key,container
        0.000000000,a,112,,0
        0.000000000,b,\(keyless.count),,1

        """)
  }

  @Test func aFailureIsToldOnceAndTheServiceGoesOn() throws {
    let paper = Paper()
    let capture = capture(.init(form: .csv), on: paper)
    let harness = try harness(capture)
    #expect(harness.call("PutRecords", Harness.records(["a"])).status == 200)
    let written = paper.bytes
    paper.isFull = true
    for _ in 0..<5 {
      harness.advance(milliseconds: 2000)
      #expect(harness.call("PutRecords", Harness.records(["a"])).status == 200)
    }
    capture.finish()
    #expect(paper.failures == 1 && capture.hasFailed)
    #expect(paper.bytes == written)
  }

  @Test func rowsAreHandedOnWhileItServes() throws {
    let paper = Paper()
    let capture = capture(.init(form: .csv), on: paper)
    let harness = try harness(capture)
    for _ in 0..<5 {
      _ = harness.call("PutRecords", Harness.records(["a"]))
      harness.advance(milliseconds: 1000)
    }
    #expect(paper.text.split(separator: "\n").count >= 5)
  }
}
