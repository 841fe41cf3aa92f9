import Foundation
import Measurement
import Testing

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
    let collector = try RunCollector(
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
    #expect(run.timeseries?.count == 4)
    #expect(run.shards?.count == 3)
    #expect(run.shardSeconds?.isEmpty == false)
    #expect(run.responseBins?.isEmpty == false)
    #expect(run.phases?.map(\.phase) == ["warm-up", "steady", "all"])
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

  @Test func historyOfAnOlderVersionKeepsItsRows() throws {
    let scratch = Scratch()
    try Files.makeFolders(scratch.path)
    try Files.replace(scratch.path + "/history.csv", with: Array("run_id,shards\nold,4\n".utf8))
    var row = HistoryRow()
    row.runID = "new"
    try RunFolder.appendHistory(row, in: scratch.path)
    let rows = try CSVFile.rows(HistoryRow.self, in: try #require(try Files.read(scratch.path + "/history.csv")))
    #expect(rows.map(\.runID) == ["old", "new"])
    #expect(rows.map(\.shards) == [4, 0])
    #expect(scratch.names() == ["history.csv"])
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
    let collector = try RunCollector(
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
