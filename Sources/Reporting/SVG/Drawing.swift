/// One SVG drawing in the making: parts in the order they are painted, then the finished element.
struct Drawing {
  /// Which side of a text its position names.
  enum Anchor: String { case start, middle, end }

  /// The element's id; the ids of its title and description follow from it.
  let id: String
  /// Width of the coordinate system; the drawing scales to its column.
  let width: Double
  /// Height of the coordinate system.
  let height: Double
  private var body = Markup()

  /// Bytes painted so far.
  var size: Int { body.text.utf8.count }

  /// An empty drawing of a size.
  init(id: String, width: Double, height: Double) {
    self.id = id
    self.width = width
    self.height = height
  }

  /// Paints a path; nothing when the path is empty.
  mutating func path(_ style: DrawingStyle, _ data: PathData) {
    guard !data.isEmpty else { return }
    body.append(trusted: "<path\(style.attributes) d=\"\(data.text)\"/>")
  }

  /// Paints one straight line.
  mutating func line(_ style: DrawingStyle, from: (x: Double, y: Double), to: (x: Double, y: Double)) {
    var data = PathData()
    data.move(from.x, from.y)
    if from.y == to.y {
      data.horizontal(to: to.x)
    } else if from.x == to.x {
      data.vertical(to: to.y)
    } else {
      data.line(to.x, to.y)
    }
    path(style, data)
  }

  /// Paints a rectangle; nothing when it is thinner than a twentieth of a unit.
  mutating func rectangle(_ style: DrawingStyle, x: Double, y: Double, width: Double, height: Double) {
    guard width >= 0.05, height >= 0.05 else { return }
    body +=
      "<rect\(Markup(trusted: style.attributes)) x=\"\(at: x)\" y=\"\(at: y)\" width=\"\(at: width)\" height=\"\(at: height)\"/>"
  }

  /// Paints a disc.
  mutating func circle(_ style: DrawingStyle, x: Double, y: Double, radius: Double) {
    body += "<circle\(Markup(trusted: style.attributes)) cx=\"\(at: x)\" cy=\"\(at: y)\" r=\"\(at: radius)\"/>"
  }

  /// Writes a text that starts at `x` with its baseline at `y`.
  mutating func text(_ style: LabelStyle, x: Double, y: Double, _ text: String) {
    self.text(style, x: x, y: y, .start, text)
  }

  /// Writes a text with its baseline at `y`, and its start, middle or end at `x`.
  mutating func text(_ style: LabelStyle, x: Double, y: Double, _ anchor: Anchor, _ text: String) {
    let side = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    body += "<text\(Markup(trusted: style.attributes + side)) x=\"\(at: x)\" y=\"\(at: y)\">\(text)</text>"
  }

  /// Paints what `paint` adds inside a group that shows `tooltip` under the pointer, script or no script.
  mutating func group(tooltip: String, _ paint: (inout Drawing) -> Void) {
    var inner = Drawing(id: id, width: width, height: height)
    paint(&inner)
    guard !inner.body.isEmpty else { return }
    body += "<g><title>\(tooltip)</title>\(inner.body)</g>"
  }

  /// Hatches a rectangle with lines rising to the right, drawn one by one, so that nothing refers to a pattern by URL.
  ///
  /// - Parameter spacing: distance of two lines along x, in units.
  mutating func hatch(
    _ style: DrawingStyle = .hatch, x: Double, y: Double, width: Double, height: Double, spacing: Double = 6
  ) {
    guard width > 0.05, height > 0.05 else { return }
    var data = PathData()
    // Lines x + y = c; anchored to the page, not to the rectangle, so neighbouring rectangles join.
    var sum = ((x + y) / spacing).rounded(.up) * spacing
    while sum < x + width + y + height {
      let left = max(x, sum - y - height)
      let right = min(x + width, sum - y)
      if right - left > 0.3 {
        data.move(left, sum - left)
        data.line(right, sum - right)
      }
      sum += spacing
    }
    path(style, data)
  }

  /// The finished element with its title and description for readers who do not see it.
  ///
  /// - Parameters:
  ///   - title: what is drawn.
  ///   - description: the section's sentence.
  ///   - classes: of the element; `tchart` takes part in the common cursor.
  ///   - attributes: more attributes of ours, such as the rows of a heat map for the script.
  func element(title: String, description: String, classes: String = "", attributes: Markup = "") -> Markup {
    """
    <svg id="\(id)" class="\(classes)" viewBox="0 0 \(at: width) \(at: height)" role="img" font-size="11" \
    font-family="Helvetica,Arial,sans-serif" aria-labelledby="\(id)-t \(id)-d"\(attributes)>\
    <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(description)</desc>\(body)</svg>
    """
  }

  /// The finished element for a table's cell: its number stands beside it, so it is hidden from screen readers.
  func inline() -> Markup {
    """
    <svg class="sp" viewBox="0 0 \(at: width) \(at: height)" width="\(at: width)" height="\(at: height)" \
    aria-hidden="true">\(body)</svg>
    """
  }
}
