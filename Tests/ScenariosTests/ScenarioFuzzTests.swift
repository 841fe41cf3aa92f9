import Foundation
import Kinesis
import StrictJSON
import TestSupport
import Testing

@testable import Scenarios

/// Spoilt scenarios, traces and lists of shards: each is read or refused with a place, and what was read can be written and
/// read again.
@Suite struct ScenarioFuzzTests {
  /// The scenarios that come with the program, and some small ones that reach the rest of the language.
  static let scenarios: [[UInt8]] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../scenarios")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let files = names.sorted().filter { $0.hasSuffix(".json") }.compactMap {
      (try? Data(contentsOf: folder.appendingPathComponent($0))).map { [UInt8]($0) }
    }
    return files + [Array(Fixture.text().utf8), Array(Fixture.traceText("\"speed\": 2, \"loop\": true").utf8)]
  }()

  static let tokens: [[UInt8]] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\u", "\\ud800", "null", "true", "-1", "0", "1e308", "0.5", "\"1%\"", "\"5s\"",
    "\"400B\"",
    "\"99999999d\"", "\"9223372036854775807GiB\"", "18446744073709551615", "\"type\": \"zipf\"", "\"type\": \"max\"",
    "\"type\": \"square\"", "\"cardinality\": 1000000000", "\"exponent\": 1e9", "\"rate\": \"max\"", "\"override\": {",
    "\"records.key\"", "\"unbounded\"", "\"unique\"", "\"weighted\"", "\"values\": [", "\"shards\": 4294967296",
    "\"bytes\"",
    "\u{FEFF}", "\0",
  ].map { Array($0.utf8) }

  @Test func scenariosThatAreReadCanBeWrittenAndReadAgain() {
    let files = MemoryFiles(["trace.csv": "t_s,key,size\n0,a,10\n1,b,20\n"])
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    var read = 0
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: Self.scenarios)
      let scenario: Scenario
      do throws(JSONFailure) {
        scenario = try Scenario.load(bytes: input, source: "spoilt", files: files)
      } catch {
        if "\(error)".isEmpty { Issue.record("refused without a word: \(Fuzzing.shown(input))") }
        continue
      }
      read += 1
      let written = JSONWriter.pretty(scenario.resolvedJSON())
      do throws(JSONFailure) {
        let again = try Scenario.load(bytes: Array(written.utf8), source: "again", files: files)
        if JSONWriter.pretty(again.resolvedJSON()) != written || again.workloadHash != scenario.workloadHash {
          Issue.record("another scenario when read again: \(Fuzzing.shown(input))")
        }
      } catch {
        Issue.record("not read again (\(error)): \(Fuzzing.shown(input))")
      }
    }
    #expect(read > 0)
  }

  /// What a trace is, or why it is none.
  private static func outcome(of input: [UInt8], cuts: [Int], speed: Double) -> String {
    var reader = TraceReader(largestRecord: 1 << 20, largestCount: 1_000)
    let edges = [0] + cuts + [input.count]
    var goesOn = true
    for (start, end) in zip(edges, edges.dropFirst()) where start < end && goesOn {
      goesOn = Fuzzing.lying(Array(input[start..<end])) { reader.take($0) }
    }
    do throws(TraceFailure) {
      return "\(try reader.finish(speed: speed, isLooped: false).hashValue)"
    } catch {
      return "expected \(error.expected), found \(error.found)"
    }
  }

  @Test func tracesAreReadTheSameHoweverTheyAreCut() {
    let seeds = [
      "t_s,key,size\n0,a,10\n0.5,\"b,\"\"c\",20\r\n1,é,30\n",
      "time_utc,hash,size\n2026-03-14T09:15:12.5Z,\(UInt128.max),1\n",
      "t_ms,size,explicit_hash_key,key\n1,2,3,k\n2,3,,l\n",
      "{\"t_s\": 0, \"key\": \"a\", \"size\": 10}\n{\"t_s\": 1.5, \"key\": \"b\\u00e9\", \"size\": 20}\n",
      "\u{FEFF}t_s,key,size\n0,a,1\n",
    ].map { Array($0.utf8) }
    let tokens: [[UInt8]] =
      [
        ",", "\n", "\r\n", "\"", "\"\"", "t_s", "t_ms", "time_utc", "key", "hash", "size", "explicit_hash_key", "-1",
        "1e9",
        "NaN", "0x1", "99999999999999999999", "2026-02-30T00:00:00Z", "{", "}", "null", "\\u", "\0",
      ].map { Array($0.utf8) } + [[0xFF], [0xEF, 0xBB]]
    var mutator = Mutator(seed: Fuzzing.seed &+ 1, tokens: tokens)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: seeds)
      let cuts = [mutator.choice(input.count + 1), mutator.choice(input.count + 1)].sorted()
      let speed = [1, 0.001, 1000][mutator.choice(3)]
      let whole = Self.outcome(of: input, cuts: [], speed: speed)
      let parts = Self.outcome(of: input, cuts: cuts, speed: speed)
      if whole != parts { Issue.record("\(whole), cut at \(cuts) \(parts): \(Fuzzing.shown(input))") }
    }
  }

  @Test func listsOfShardsAreWholeMapsOrRefused() {
    let shards = (0..<3).map { index in
      let range = HashKeyRange.even(count: 3)[index]
      return #"{"ShardId":"shardId-00000000000\#(index)","HashKeyRange":{"StartingHashKey":"\#(range.start)","#
        + #""EndingHashKey":"\#(range.end)"},"SequenceNumberRange":{"StartingSequenceNumber":"1"}}"#
    }
    let list = shards.joined(separator: ",")
    let seeds = [#"{"Shards":[\#(list)]}"#, #"{"StreamDescription":{"Shards":[\#(list)],"HasMoreShards":false}}"#].map {
      Array($0.utf8)
    }
    let tokens = [
      "{", "}", "[", "]", ",", ":", "\"", "\"0\"", "\"340282366920938463463374607431768211456\"", "\"-1\"", "\"\"",
      "null",
      "\"EndingSequenceNumber\":\"2\",", "\"ShardId\":\"x\",",
    ].map { Array($0.utf8) }
    var mutator = Mutator(seed: Fuzzing.seed &+ 2, tokens: tokens)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: seeds)
      guard let open = try? ShardListDecoder.openShards(bytes: input, source: "list"),
        let map = try? ShardMap(shards: open)
      else { continue }
      // A map holds every hash key exactly once.
      let ends = zip(map.shards, map.shards.dropFirst()).allSatisfy { $0.range.end &+ 1 == $1.range.start }
      if !ends || map.shards.first?.range.start != 0 || map.shards.last?.range.end != .max {
        Issue.record("no whole map: \(Fuzzing.shown(input))")
      }
    }
  }
}
