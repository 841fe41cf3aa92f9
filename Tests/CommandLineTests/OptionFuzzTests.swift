import TestSupport
import Testing

@testable import shardmeter

/// Spoilt command lines: each is read, or refused in words.
@Suite struct OptionFuzzTests {
  private static let seeds: [[UInt8]] = [
    "--target\nhttp://127.0.0.1:4567\n--stream\norders\n--region\neu-west-1\n--scale\n3\n--duration\n9s\ns.json",
    "--seed=7\n--workers=3\n--spin=50us\n--keys=hash\n--progress\n5s\n--max-records\n10\n--max-bytes\n2KiB\nbasics",
    "--stream-arn\narn:aws:kinesis:eu-west-1:123456789012:stream/orders\n--set\nbatch.records=10\nbasics",
    "--port=0\n--shards\n4\n--limits\nrecords=500,bytes=1MiB\n--latency\nlognormal(5ms,20ms)\n--fault\nthrottle:0.1",
    "--clock-offset\n-5m\n--retain\n1MiB\n--transition\n1s\n--shard-latency\n2=50ms\n--account\n123456789012",
    "results/latest\n--json\n-qq\n--color=never", "--rate=100\n--keys=1000\n--size=1KiB\n--shards=4",
  ].map { Array($0.utf8) }

  private static let tokens: [[UInt8]] =
    [
      "\n", "=", "--", "-", "--help", "-1", "0", "1e308", "nan", "inf", "9223372036854775807", "9223372036854775808",
      "18446744073709551616", "106751d", "9999999999999h", "0.0000000001ns", "8EiB", "9007199254740993KiB", "%",
      "1:2:3",
      "{", "}", "\"", "\u{202E}", "\0", "http://", "[::1]:99999", "@", "arn:", "/", ",", "*", "max", "--limits",
      "--fault",
      "--latency", "--shards", "--clock-offset", "--scale",
    ].map { Array($0.utf8) } + [[0xFF]]

  private func outcome<Values: Sendable>(_ table: OptionTable<Values>, _ defaults: Values, _ words: [String]) -> Bool {
    do {
      if case .values = try OptionParser(command: "run", table: table).parse(words, defaults: defaults) { return true }
    } catch {
      if error.description.isEmpty { Issue.record("refused without a word: \(words)") }
    }
    return false
  }

  @Test func wordsAreReadOrRefused() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    var read = 0
    for _ in 0..<Fuzzing.inputs {
      let words = String(decoding: mutator.input(from: Self.seeds), as: UTF8.self).split(separator: "\n").map(
        String.init)
      if outcome(RunOptions.table, RunOptions(), words) { read += 1 }
      if outcome(TargetOptions.table, TargetOptions(), words) { read += 1 }
      if outcome(PlanOptions.table, PlanOptions(), words) { read += 1 }
      if outcome(VerifyOptions.table, VerifyOptions(), words) { read += 1 }
      if outcome(ReportOptions.table, ReportOptions(), words) { read += 1 }
    }
    #expect(read > 0)
  }
}
