/// A section of the page: words on the left, figure on the right.
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
