import RunResults

/// The hash-key space of a model, in one strip or in two above each other: a bar for each shard over its true range, as high
/// as the use of its nearer limit, orange beyond the limit.
struct RangeDrawing {
  /// A strip: what it shows, and its shards.
  struct Strip {
    let name: String
    let shards: [SizingDocument.ShardRange]
  }

  private static let (left, right, height, gap) = (52.0, 884.0, 96.0, 34.0)

  private let strips: [Strip]
  /// What headroom leaves of a limit, 1 for none.
  private let goal: Double

  /// A drawing of some strips.
  init(_ strips: [Strip], goal: Double) {
    self.strips = strips.filter { !$0.shards.isEmpty }
    self.goal = goal
  }

  /// The element; nil without a shard.
  func element(id: String, description: String) -> Markup? {
    guard !strips.isEmpty else { return nil }
    let count = Double(strips.count)
    var drawing = Drawing(id: id, width: 900, height: count * (Self.height + Self.gap) + 18)
    let most = max(1, strips.flatMap { $0.shards.map(\.peakUse) }.max() ?? 1)
    for (place, strip) in strips.enumerated() {
      let top = 16 + Double(place) * (Self.height + Self.gap)
      paint(strip, most: most, top: top, bottom: top + Self.height, into: &drawing)
    }
    let bottom = 16 + count * Self.height + (count - 1) * Self.gap
    for (part, label) in ["0", "4000…", "8000…", "c000…", "ffff…"].enumerated() {
      let x = Self.left + (Self.right - Self.left) * Double(part) / 4
      drawing.text(.axis, x: x, y: bottom + 15, part == 0 ? .start : part == 4 ? .end : .middle, label)
    }
    return drawing.element(
      title: "Shards in hash-key order with the use of their limits", description: description)
  }

  private func paint(_ strip: Strip, most: Double, top: Double, bottom: Double, into drawing: inout Drawing) {
    let scale = AxisScale.fromZero(to: most * 1.03, count: 3, start: bottom, end: top)
    for tick in scale.ticks {
      drawing.line(.grid, from: (Self.left, scale(tick)), to: (Self.right, scale(tick)))
      drawing.text(.axis, x: Self.left - 6, y: scale(tick) + 3.5, .end, "\(NumberFormat.wholePercent(tick)) %")
    }
    drawing.text(.label, x: Self.left, y: top - 5, strip.name)
    // Below a pixel's width bars run together and are one path each.
    var (free, used) = (PathData(), PathData())
    let isFine = strip.shards.count > 64
    for shard in strip.shards {
      let x = Self.left + Double(shard.hashStart) / 0x1p128 * (Self.right - Self.left)
      let end = Self.left + Double(shard.hashEnd) / 0x1p128 * (Self.right - Self.left)
      let width = max(end - x - (isFine ? 0 : 1), 0.3)
      let (low, high) = (scale(min(1, shard.peakUse)), scale(shard.peakUse))
      if isFine {
        free.rectangle(x: x, y: low, width: width, height: bottom - low)
        if shard.peakUse > 1 { used.rectangle(x: x, y: high, width: width, height: low - high) }
        continue
      }
      let throttled = shard.throttleRatio.map { ", \(NumberFormat.percent($0)) % of its first tries throttled" } ?? ""
      drawing.group(
        tooltip: "shard \(shard.index): \(NumberFormat.percentShort(shard.peakUse)) % of its limit\(throttled)"
      ) {
        $0.rectangle(.acceptedBar, x: x, y: low, width: width, height: bottom - low)
        $0.rectangle(.throttledArea, x: x, y: high, width: width, height: low - high)
      }
    }
    drawing.path(.acceptedBar, free)
    drawing.path(.throttledArea, used)
    drawing.line(.limitLine, from: (Self.left, scale(1)), to: (Self.right, scale(1)))
    if goal < 1 { drawing.line(.planLine, from: (Self.left, scale(goal)), to: (Self.right, scale(goal))) }
    drawing.line(.axis, from: (Self.left, bottom), to: (Self.right, bottom))
  }
}
