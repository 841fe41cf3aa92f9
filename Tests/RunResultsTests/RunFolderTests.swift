import Foundation
import Measurement
import Testing

@testable import Observations
@testable import RunResults

@Suite struct RunFolderTests {
  /// A folder that is removed when the test is over.
  private final class Scratch {
    let path = NSTemporaryDirectory() + "shardmeter-" + UUID().uuidString
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func names(_ below: String = "") -> [String] { (Files.names(in: path + below) ?? []) }
  }

  private func write(_ folder: RunFolder) throws -> Summary {
    let layout = smallLayout()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), sink: folder, planned: tenPerSecond(layout))
    let lane = WorkerLane(layout: layout)
    for step in smallScript() { step.observe(on: lane) }
    return try collector.finish(
      lanes: [lane], ending: RunEnding(.completed, ended: ms(8_800)), keys: keyNames())
  }

  @Test func finishedRunIsRenamedLinkedListedAndReadBack() throws {
    let scratch = Scratch()
    let folder = try RunFolder(id: "one", in: scratch.path + "/results")
    #expect(scratch.names("/results") == [".one.partial"])
    let summary = try write(folder)
    #expect(try folder.finish(history: HistoryRow(summary)) == scratch.path + "/results/one")
    #expect(scratch.names("/results") == ["history.csv", "latest", "one"])

    let run = try LoadedRun.load(scratch.path + "/results/latest")
    #expect(!run.isPartial)
    #expect(run.summary?.fileText == summary.fileText)
    #expect(run.timeseries?.count == 5)
    #expect(run.shards?.count == 3)
    #expect(run.shardSeconds?.isEmpty == false)
    #expect(run.responseBins?.isEmpty == false)
    #expect(run.phases?.map(\.phase) == ["warm-up", "steady", "drain", "all"])
    #expect(run.latency?.isEmpty == false)
    #expect(run.keys?.count == 5)
    #expect(run.errors?.count == 2)
    #expect(run.scenario == Array("{}\n".utf8))
  }

  @Test func latestFollowsTheNewestAndHistoryGrows() throws {
    let scratch = Scratch()
    for id in ["a", "b"] {
      let folder = try RunFolder(id: id, in: scratch.path)
      var row = HistoryRow()
      row.runID = id
      try folder.finish(history: row)
    }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path + "/latest") == "b")
    let history = try #require(try Files.read(scratch.path + "/history.csv"))
    #expect(try CSVFile.rows(HistoryRow.self, in: history).map(\.runID) == ["a", "b"])
  }

  /// What a history becomes by a run: nil is the file as it was, with a warning. `OURS` are today's columns, `ROW` is the
  /// run's line.
  @Test(arguments: [
    ("", "OURS\nROW\n"),
    ("OURS\nROW\n", "OURS\nROW\nROW\n"),
    ("OURS\nROW\nhalf a li", "OURS\nROW\nROW\n"),
    ("OURS,later,\"and more\"\nROW,1,2\n", "OURS,later,\"and more\"\nROW,1,2\nROW,,\n"),
    ("run_id,shards\n\"o\"\"l,d\",4\n", "run_id,shards,REST\n\"o\"\"l,d\",4,EMPTY\nnew,7,TAIL\n"),
    ("shards,note,run_id\n4,mine,old\n", nil), ("date;value\n1;2\n", nil), ("run_id,run_id\n1,2\n", nil),
    ("run_id,shards\nold,4,5\n", nil), ("no line end", nil), ("\n\n", nil), ("\0\0\0\n", nil),
  ])
  func historyKeepsWhatIsThere(before: String, after: String?) throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path)
    var row = HistoryRow()
    row.runID = "new"
    row.shards = 7
    let lines = String(decoding: CSVFile.bytes([row]), as: UTF8.self).split(separator: "\n").map(String.init)
    let rest = CSVFile.cells(of: row).filter { !["run_id", "shards"].contains($0.name) }
    func filled(_ text: String) -> [UInt8] {
      var text = text.replacing("OURS", with: lines[0]).replacing("ROW", with: lines[1])
      text = text.replacing("REST", with: rest.map(\.name).joined(separator: ","))
      text = text.replacing("EMPTY", with: String(repeating: ",", count: rest.count - 1))
      return Array(
        text.replacing("TAIL", with: rest.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: ",")).utf8
      )
    }
    let path = scratch.path + "/history.csv"
    if !before.isEmpty { try Files.replace(path, with: filled(before)) }
    let warning = HistoryFile.add(row, to: path)
    #expect((warning == nil) == (after != nil))
    #expect(try Files.read(path) == filled(after ?? before))
    #expect(scratch.names() == ["history.csv"])
    // A history with its columns in another order is continued in that order.
    if before.hasPrefix("run_id,shards\n\"") {
      #expect(HistoryFile.add(row, to: path) == nil)
      #expect(try Files.read(path) == filled((after ?? "") + "new,7,TAIL\n"))
    }
  }

  @Test(arguments: ["pipe", "folder", "link to nothing in no folder", "device"])
  func whatIsNoFileIsLeftAloneAndNothingWaits(kind: String) throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path)
    let path = scratch.path + "/history.csv"
    switch kind {
    case "pipe": #expect(mkfifo(path, 0o600) == 0)
    case "folder": try Files.makeFolders(path)
    case "device": #expect(symlink("/dev/full", path) == 0)
    default: #expect(symlink("/nowhere/at/all", path) == 0)
    }
    let folder = try RunFolder(id: "a", in: scratch.path)
    #expect(try folder.finish(history: HistoryRow()) == scratch.path + "/a")
    #expect(folder.warnings.count == 1)
    #expect(folder.warnings.first?.hasPrefix("the run is not in \(path): ") == true)
    #expect(scratch.names() == ["a", "history.csv", "latest"])
  }

  @Test func somebodysOwnLatestIsLeftAlone() throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path)
    try Files.replace(scratch.path + "/latest", with: Array("mine\n".utf8))
    let folder = try RunFolder(id: "a", in: scratch.path)
    try folder.finish(history: nil)
    #expect(try Files.read(scratch.path + "/latest") == Array("mine\n".utf8))
    #expect(try Files.read(scratch.path + "/latest.txt") == Array("a\n".utf8))
  }

  @Test func latestIsATextWhereALinkCannotBe() throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path + "/latest/something")
    let folder = try RunFolder(id: "a", in: scratch.path)
    _ = try write(folder)
    try folder.finish(history: nil)
    #expect(try Files.read(scratch.path + "/latest.txt") == Array("a\n".utf8))
    try FileManager.default.removeItem(atPath: scratch.path + "/latest")
    #expect(try LoadedRun.load(scratch.path + "/latest").folder == scratch.path + "/a")
  }

  @Test func runThatDiedCanBeRead() throws {
    let scratch = Scratch()
    let folder = try RunFolder(id: "dead", in: scratch.path)
    let layout = smallLayout()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), sink: folder, planned: tenPerSecond(layout))
    let lane = WorkerLane(layout: layout)
    for step in smallScript() { step.observe(on: lane) }
    try collector.accept(lane.finishedSlices(before: 0), from: 0)
    let run = try LoadedRun.load(scratch.path + "/.dead.partial")
    #expect(run.isPartial)
    #expect(run.summary == nil)
    #expect(run.shards == nil)
    #expect(run.timeseries?.map(\.tS) == [-2, -1])
  }

  @Test func exactFolderMayBeEmptyButNotUsed() throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path + "/exact")
    let folder = try RunFolder(exactly: scratch.path + "/exact/")
    try folder.append([0x78], to: "x")
    try folder.finish(history: HistoryRow())
    #expect(scratch.names() == ["exact"])
    #expect(scratch.names("/exact") == ["x"])
    #expect(throws: RunFolderFailure.self) { try RunFolder(exactly: scratch.path + "/exact") }
    #expect(throws: RunFolderFailure.self) { try RunFolder(exactly: scratch.path + "/exact/x") }
    #expect(throws: RunFolderFailure.self) { try RunFolder(id: "exact", in: scratch.path) }
  }

  @Test(arguments: ["", "/none", "/empty", "/file"])
  func whatIsNoRunIsRefused(name: String) throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path + "/empty")
    try Files.replace(scratch.path + "/file", with: [0x78])
    #expect(throws: RunFolderFailure.self) { try LoadedRun.load(scratch.path + name) }
  }

  @Test(arguments: [
    ("Orders Peak!", "orders-peak"), ("", "run"), ("ÄÖ", "run"), ("--a--b--", "a-b"),
    (String(repeating: "ab ", count: 30), "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a"), ("x/../y", "x-y"),
  ])
  func slugIsSafeOnEveryFileSystem(name: String, slug: String) {
    #expect(RunIdentifier.slug(name) == slug)
    #expect(RunIdentifier.slug(name).utf8.count <= 40)
  }

  @Test func idsSortByTimeAndDifferWithinASecond() {
    let id = { (micros: Int64) in
      RunIdentifier.make(
        start: WallTime(microsecondsSinceEpoch: micros), scenarioName: "Orders replay", workloadHash: "5d0e", seed: 42)
    }
    let first = id(1_773_479_702_113_000)
    #expect(first.hasPrefix("20260314T091502Z-orders-replay-"))
    #expect(first.utf8.count == "20260314T091502Z-orders-replay-7f3a".utf8.count)
    #expect(first != id(1_773_479_702_113_001))
  }
}
