/// A page as one self-contained HTML file: head with policy, style and script, then what it is about, its parts and the
/// foot. It knows of no run: each command makes a page of its own out of sections.
///
/// It asks nothing of any network, is complete with scripts off, and lets no script run but its own.
struct Page {
  /// What a window's title shows before the program's name.
  let title: String
  /// The heading.
  let name: String
  /// What the page is about, under the heading.
  let about: Markup
  /// Who made it and when, at the right; the script adds its switch of themes there.
  let origin: Markup
  /// The version of the program that found what is shown.
  let version: String
  /// The parts in order, each with its line end.
  var parts: [Markup] = []
  /// What the cursor of the charts over time reads out.
  var cursor = CursorData.none

  /// The file's text; a pure function of the parts.
  var html: String {
    var page: Markup = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">\
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'sha256-\(PageScript.digest)'; base-uri 'none'; form-action 'none'">\
      <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">\
      <title>\(title) · shardmeter</title><style>
      \(Markup(trusted: StyleSheet.text))</style></head><body>
      <header><div><h1>\(name)</h1><div class="meta">\(about)</div></div>
      <div class="r" id="when">\(origin)</div></header>
      <main>

      """
    for part in parts { page += part }
    page += """
      </main><footer>Made by shardmeter \(version). One file, no network, complete with scripts off.</footer>
      <div id="ro" class="mono" aria-hidden="true"></div>
      <script type="application/json" id="series">\(Markup(trusted: cursor.json))</script>
      <script>\(Markup(trusted: PageScript.text))</script></body></html>

      """
    return page.text
  }
}

/// A section of a page: words on the left, figure on the right.
struct PageSection {
  /// The heading.
  let title: String
  /// What the section says; the first thing under its heading.
  var findings: [Prose] = []
  /// How to read the figure.
  var notes: [Prose] = []
  /// More for the side column: a legend.
  var legend = Markup()
  /// Classes of the element: `tl` stands in the group of charts over time, `end` closes the page.
  var classes: Markup = ""
  /// Classes of the figure: `two` for a drawing beside a table, `tw` for a wide table.
  var figureClasses: Markup = ""
  /// Id of the table that the script offers to copy.
  var copies: String?

  /// The section with its figure.
  func markup(_ figure: Markup) -> Markup {
    let said = findings.map { "<p class=\"find\">\($0.html)</p>" as Markup }.joined()
    let read = notes.map { "<p>\($0.html)</p>" as Markup }.joined()
    let copy: Markup = copies.map { "<p data-copy=\"\($0)\"></p>" } ?? ""
    return """
      <section class="\(classes)"><div class="side"><h2>\(title)</h2>\(said)\(read)\(legend)\(copy)</div>\
      <div class="fig \(figureClasses)">\(figure)</div></section>

      """
  }
}
