import Kinesis
import TestSupport
import Testing

/// Spoilt bodies for everything that reads what a target answers, and spoilt files of the AWS tools.
@Suite struct AnswerFuzzTests {
  static let seeds =
    (ResponseScannerTests.legal + [
      #"{"FailedRecordCount":1,"Records":[\#(ResponseScannerTests.accepted),\#(ResponseScannerTests.throttled)]}"#,
      #"{"Records":[\#(ResponseScannerTests.failed),\#(ResponseScannerTests.accepted)],"EncryptionType":"KMS"}"#,
      #"{"__type":"com.amazon#ValidationException","message":"1 validation error: \u0041"}"#,
      #"{"__type":"SerializationException","Message":"no"}"#,
    ]).map { Array($0.utf8) }

  static let tokens: [[UInt8]] =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "\\u0000", "null", "true", "-0", "1e999",
      "\0",
      "\"Records\":", "\"ShardId\":", "\"SequenceNumber\":", "\"ErrorCode\":", "\"ErrorMessage\":",
      "\"shardId-000000000001\"",
      "ProvisionedThroughputExceededException", "InternalFailure", "\"__type\":", "#", "\"message\":",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

  @Test func bodiesAreReadAsTheSlowReaderReadsThem() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    let tests = ResponseScannerTests()
    for number in 0..<Fuzzing.inputs {
      tests.compare(mutator.input(from: Self.seeds), nil, "(input \(number) of seed \(Fuzzing.seed))")
    }
  }

  @Test func everyPlaceThatAScanPointsOutIsInTheBody() {
    var mutator = Mutator(seed: Fuzzing.seed &+ 1, tokens: Self.tokens)
    let map = ShardMap(even: 3)
    var scanner = PutRecordsResponseScanner()
    var results = [RecordResult](repeating: RecordResult(), count: 8)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: Self.seeds)
      Fuzzing.lying(input) { body in
        // A refusal is read by another reader, and a refusal has a code.
        if let error = ServiceError.parse(body), error.code.isEmpty {
          Issue.record("an error without a code: \(Fuzzing.shown(input))")
        }
        let scan = results.withUnsafeMutableBufferPointer { scanner.scan(body, map: map, into: $0) }
        guard case .records(let tally) = scan else { return }
        for message in [tally.throttledMessage, tally.internalFailureMessage, tally.firstOtherMessage] {
          _ = PutRecordsResponseScanner.string(message, of: body)
        }
        for result in results.prefix(tally.count) where result.code == .accepted || result.code == .other {
          let start = Int(result.sequenceOffset)
          if start + Int(result.sequenceLength) > body.count {
            Issue.record("beyond the body: \(Fuzzing.shown(input))")
          }
        }
      }
    }
  }

  @Test func filesOfTheAWSToolsNeverStopTheReader() {
    let seeds = [CredentialsTests.credentialsFile, CredentialsTests.configFile].map { Array($0.utf8) }
    let tokens: [[UInt8]] =
      ["[", "]", "[profile ", "=", "\n", "\r\n", "\r", "#", ";", " ", "\t", "\"", "'", "\0", "\u{FEFF}", "é"].map {
        Array($0.utf8)
      } + [[0xFF], [0xC3]]
    var mutator = Mutator(seed: Fuzzing.seed &+ 2, tokens: tokens)
    for number in 0..<Fuzzing.inputs {
      let input = mutator.input(from: seeds)
      let isConfig = number % 2 == 0
      let profiles = AWSConfigFile(input, isConfig: isConfig).profiles
      // Read twice it is the same, and no name or value spans lines.
      let texts = profiles.flatMap { [$0.key] + $0.value.flatMap { [$0.key, $0.value] } }
      let isSame = profiles == AWSConfigFile(input, isConfig: isConfig).profiles
      if !isSame || texts.contains(where: { $0.contains(where: \.isNewline) }) {
        Issue.record("read wrongly: \(Fuzzing.shown(input))")
      }
    }
  }

  /// Whatever a program or a metadata service says: credentials that can be header lines, or a failure that repeats none of
  /// it.
  @Test func credentialsDocumentsNeverStopTheReader() {
    let seeds = [
      #"{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"hush","SessionToken":"t","Expiration":"2026-03-14T09:15:12Z"}"#,
      #"{"Code":"Success","AccessKeyId":"ASIA","SecretAccessKey":"hush","Token":"t","Expiration":"2026-03-14T09:15:12.5+01:00"}"#,
    ].map { Array($0.utf8) }
    let tokens: [[UInt8]] =
      ["{", "}", "\"", ":", ",", "null", "1", "-", "\\n", "\\u0000", "\r\n", "[", "\"hush\""].map { Array($0.utf8) } + [
        [0xFF]
      ]
    var mutator = Mutator(seed: Fuzzing.seed &+ 3, tokens: tokens)
    for number in 0..<Fuzzing.inputs {
      let input = mutator.input(from: seeds)
      do {
        let found =
          number % 2 == 0
          ? try CredentialsDocument.process(input, source: "it")
          : try CredentialsDocument.metadata((200, input), source: "it")
        let texts = [found.accessKeyID, found.secretAccessKey, found.sessionToken ?? ""]
        if !texts.allSatisfy({ $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) {
          Issue.record("taken for credentials: \(Fuzzing.shown(input))")
        }
      } catch {
        // The service's word for what is wrong is shown, and a mutation may have put the secret there.
        let isCode = String(decoding: input, as: UTF8.self).contains(#/"Code"[\s:]*"([^"\\]|\\.)*hush/#)
        if !isCode, "\(error)".contains("hush") { Issue.record("repeated: \(Fuzzing.shown(input))") }
      }
    }
  }
}
