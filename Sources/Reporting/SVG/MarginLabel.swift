/// A label in the right margin of a chart, at the line that it names.
struct MarginLabel {
  /// The height of the line.
  let y: Double
  /// The colour of the line.
  let style: LabelStyle
  /// The name.
  let text: String
  /// A second line in muted type.
  let detail: String?

  init(_ y: Double, _ style: LabelStyle, _ text: String, detail: String? = nil) {
    self.y = y
    self.style = style
    self.text = text
    self.detail = detail
  }
}
