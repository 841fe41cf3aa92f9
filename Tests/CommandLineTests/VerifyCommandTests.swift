import Foundation
import Observations
import RunResults
import Testing

@testable import shardmeter

/// What `verify` refuses before it opens a connection.
@Suite struct VerifyCommandTests {
  /// A folder with these files.
  private func folder(_ files: [String: String]) throws -> Scratch {
    let scratch = try Scratch()
    for (name, text) in files { _ = try scratch.file(name, text) }
    return scratch
  }

  private func summary(kind: String = "url", plan: String? = nil) -> String {
    var summary = Summary()
    summary.time.start = "2026-03-14T09:15:02.000Z"
    (summary.target.kind, summary.target.endpoint) = (kind, "http://127.0.0.1:1")
    summary.scenario = SummaryScenario()
    summary.scenario?.planSHA256 = plan
    return summary.fileText
  }

  private static let scenario =
    #"{"schema": "shardmeter/1", "name": "t", "records": {"size": 40, "key": "unique", "identity": true}, "#
    + #""phases": [{"name": "a", "duration": "1s", "rate": 5}]}"#
  private static let plan = "1dd62ba1"

  @Test func foldersThatAreNotEnough() throws {
    let plain = Self.scenario.replacing(#", "identity": true"#, with: "")
    let cases: [(files: [String: String], text: String)] = [
      ([:], "neither summary.json nor"),
      (["timeseries.csv": "run_id,t_s\n"], "no summary.json"),
      (["summary.json": summary()], "no scenario.json"),
      (["summary.json": summary(), "scenario.json": plain], "carry no identity"),
      (["summary.json": summary(), "scenario.json": "{"], "scenario.json"),
      (["summary.json": summary(plan: Self.plan), "scenario.json": Self.scenario], "plan_sha256 is \(Self.plan)"),
      (["summary.json": summary(), "scenario.json": Self.scenario], "plan_sha256 is missing"),
      (["summary.json": #"{"schema": "other/1"}"#], "summary.json"),
    ]
    for (files, text) in cases {
      let scratch = try folder(files)
      let run = CommandRun(["verify", scratch.path])
      #expect(run.code == .usage && run.output.isEmpty, "\(text): \(run.errors)")
      #expect(run.errors.contains(text), "\(run.errors)")
    }
  }

  private static let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s"

  @Test(arguments: [
    (["verify"], "DIR"), (["verify", "x", "--target", "embedded"], "--target"),
    (["verify", "x", "--ca-file", "a.pem", "--insecure"], "exclude each other"),
    (["verify", "x", "--stream", "s", "--stream-arn", arn], "exclude each other"),
    (["verify", "x", "--region", "eu-west-1", "--stream-arn", arn], "is not the region of --stream-arn"),
    (["verify", "x", "--keys", "all"], "--keys"),
    (["verify", "/nonexistent/run"], "no such folder"),
  ])
  func commandLinesThatCannotBe(words: [String], text: String) {
    let run = CommandRun(words)
    #expect(run.code == .usage && run.errors.contains(text), "\(run.errors)")
  }
}
