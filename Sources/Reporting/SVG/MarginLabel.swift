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

/// Keeps labels at the right edge of a chart apart: each stands at its line or as near to it as the others allow.
enum LabelPush {
  /// Positions in the same order of height as the wishes, none over another, inside `range` if they all fit.
  ///
  /// - Parameters:
  ///   - wishes: where each label would like its first baseline; ties keep their order.
  ///   - heights: how much room each takes downwards; 13 px for a line of 11 px type.
  ///   - range: the lowest first baseline and the lowest last baseline.
  /// - Returns: one first baseline per wish. O(n log n).
  static func spread(_ wishes: [Double], heights: [Double], in range: ClosedRange<Double>) -> [Double] {
    precondition(wishes.count == heights.count)
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    var result = wishes
    var next = range.lowerBound
    for index in order {
      result[index] = max(wishes[index], next)
      next = result[index] + heights[index]
    }
    // Too low at the bottom: push back up; too many for the room: keep them apart and let the last run over.
    var limit = range.upperBound + 13
    for index in order.reversed() {
      result[index] = min(result[index], limit - heights[index])
      limit = result[index]
    }
    next = range.lowerBound
    for index in order {
      result[index] = max(result[index], next)
      next = result[index] + heights[index]
    }
    return result
  }
}
