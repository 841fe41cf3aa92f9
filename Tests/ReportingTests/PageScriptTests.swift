import Foundation
import Kinesis
import Reporting
import Testing

@Suite struct PageScriptTests {
  @Test func theDigestIsThatOfTheScript() {
    let digest = SHA256.digest(PageScript.text).withBytes { Data($0) }
    #expect(digest.base64EncodedString() == PageScript.digest)
  }

  @Test func thePageHoldsTheScriptAndItsDigestAsTheyAre() {
    let page = HTMLReport.page(SyntheticRun(measuredSeconds: 10).make())
    #expect(page.contains("<script>\(PageScript.text)</script>"))
    #expect(page.contains("script-src 'sha256-\(PageScript.digest)'"))
    #expect(page.contains("default-src 'none'"))
    #expect(!PageScript.text.contains("</"))
  }

  @Test func hoverDataIsJSONWithOneValuePerColumn() throws {
    let page = HTMLReport.page(SyntheticRun(topKey: "</script>").make())
    let start = try #require(page.firstRange(of: "id=\"series\">")).upperBound
    let end = try #require(page[start...].firstRange(of: "</script>")).lowerBound
    let data = Data(page[start..<end].utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let columns = try #require(object["columns"] as? Int)
    let series = try #require(object["series"] as? [[String: Any]])
    #expect(columns == 130)
    #expect(
      series.map { $0["name"] as? String } == [
        "planned", "attempted", "accepted", "throttled", "failed", "lost", "p50", "p99",
      ])
    for one in series { #expect((one["values"] as? [Any])?.count == columns) }
    let heat = try #require(object["heat"] as? [String])
    #expect(heat.count == 24)
    for row in heat { #expect(row.count == columns) }
  }
}
