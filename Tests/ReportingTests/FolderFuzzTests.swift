import Measurement
import Observations
import Reporting
import RunResults
import TestSupport
import Testing

/// Result folders edited by hand: each is refused in one line, or every report of it is drawn.
@Suite struct FolderFuzzTests {
  private static let files: [String: [UInt8]] = {
    let run = SyntheticRun(shards: 3, measuredSeconds: 6, warmUpSeconds: 2, hotShard: 1).make()
    var summary = run.summary ?? Summary()
    var change = SummaryShardChange()
    (change.opened, change.closed, change.tS) = (["shardId-000000000003"], ["shardId-000000000001"], 2)
    summary.shards?.changes = [change]
    return [
      Summary.fileName: Array(summary.fileText.utf8), TimeseriesRow.fileName: CSVFile.bytes(run.timeseries ?? []),
      ShardRow.fileName: CSVFile.bytes(run.shards ?? []),
      ShardSecondRow.fileName: CSVFile.bytes(run.shardSeconds ?? []),
      ResponseBinRow.fileName: CSVFile.bytes(run.responseBins ?? []),
      PhaseRow.fileName: CSVFile.bytes(run.phases ?? []),
      LatencyRow.fileName: CSVFile.bytes(run.latency ?? []), KeyRow.fileName: CSVFile.bytes(run.keys ?? []),
      ErrorRow.fileName: CSVFile.bytes(run.errors ?? []),
      Verification.fileName: Array(Verification().fileText.utf8), "scenario.json": Array("{}".utf8),
    ]
  }()

  private static let tokens: [[UInt8]] = [
    ",", "\n", "\r\n", "\"", "\"\"", "-", "-1", "0", "9007199254740992", "-9007199254740992", "9223372036854775807",
    "-9223372036854775808", "1e15", "1e308", "1e-308", "-1e15", "nan", "inf", "0.5", "true", "false", "all",
    "0xffffffffffffffffffffffffffffffff", "0x00000000000000000000000000000000", "null", "{", "}", "[", "]", ":",
    "\"pass\"", "\"fail\"", "\"observed\": null", "4294967296", "86400", "999999999", "\u{202E}", "\0", "\u{1B}[2J",
    "t_s", "bin_s", "shard_index", "start_s", "duration_s", "\\ud800",
  ].map { Array($0.utf8) }

  /// One number in place of another, which plain mutations seldom hit.
  private static func withNumber(_ bytes: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D }
    let starts = bytes.indices.filter { isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1])) }
    guard !starts.isEmpty else { return bytes }
    let start = starts[mutator.choice(starts.count)]
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    return bytes[..<start] + tokens[6 + mutator.choice(13)] + bytes[end...]
  }

  @Test func editedFoldersEndInALineOrInReports() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    let names = Self.files.keys.sorted()
    var drawn = 0
    for number in 0..<Fuzzing.inputs {
      var files = Self.files
      for _ in 0...mutator.choice(3) {
        let name = names[mutator.choice(names.count)]
        let old = files[name] ?? []
        switch mutator.choice(8) {
        case 0: files[name] = nil
        case 1: files[name] = mutator.input(from: [old])
        case 2: files[name] = mutator.input(from: Self.files.values.sorted { $0.count < $1.count })
        default: for _ in 0...mutator.choice(3) { files[name] = Self.withNumber(files[name] ?? [], &mutator) }
        }
      }
      do {
        let run = try LoadedRun.load("results/edited") { files[$0] }
        drawn += 1
        for text in [
          HTMLReport.page(run), MarkdownSummary.text(run), JUnitReport.document(run), FinalTable.text(run),
          Annotations.lines(run).joined(separator: "\n"),
        ] where text.unicodeScalars.contains(where: { $0 != "\n" && VisibleText.replacement(for: $0) != nil }) {
          Issue.record("something unseen in a report of input \(number) of seed \(Fuzzing.seed)")
        }
      } catch {
        let line = "\(error)"
        if line.isEmpty || line.contains("\n") { Issue.record("refused in no line: \(line)") }
      }
    }
    #expect(drawn > Fuzzing.inputs / 20)
  }
}
