import Foundation
import Testing

@testable import Reporting

/// A page that tells of something else than a run: every command's own page stands on this.
@Suite struct PageTests {
  private static func page(_ name: String) -> Page {
    var page = Page(title: "✓ \(name)", name: name, about: "8 streams", origin: "shardmeter 0.4.0", version: "0.4.0")
    let section = PageSection(title: "Streams", findings: ["One row a stream."], copies: "t-streams")
    page.parts = [section.markup("<table id=\"t-streams\"><tbody><tr><td>\(name)</td></tr></tbody></table>")]
    return page
  }

  @Test(arguments: ["fleet", "<script>alert(1)</script>", "a\"b&'\u{202e}"])
  func needsNoRun(_ name: String) throws {
    let html = Self.page(name).html
    let reader = PageReader(html)
    #expect(reader.faults.isEmpty)
    #expect(reader.tags.filter { $0.name == "section" }.count == 1)
    #expect(reader.tags.count { $0.name == "script" } == 2)
    #expect(reader.text.contains("One row a stream.") && reader.text.contains("8 streams"))
    #expect(html.contains("script-src 'sha256-\(PageScript.digest)'") && html.contains(StyleSheet.text))
  }

  @Test func itsCursorReadsNothing() throws {
    let data = try JSONSerialization.jsonObject(with: Data(CursorData.none.json.utf8)) as? [String: Any]
    let object = try #require(data)
    #expect(object["columns"] as? Int == 0)
    for name in ["series", "classes", "heat"] { #expect((object[name] as? [Any])?.isEmpty == true, "\(name)") }
  }
}
