/// Writes the `d` of an SVG path, in tenths of a unit and relative steps, which halves the size of a long step line.
///
/// Coordinates are rounded once to tenths and kept as integers, so relative steps never add up an error.
struct PathData {
  /// The commands so far.
  private(set) var bytes: [UInt8] = []
  private var x = 0
  private var y = 0

  /// The text of the attribute.
  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Whether nothing was drawn.
  var isEmpty: Bool { bytes.isEmpty }

  /// Starts a new part at a point.
  mutating func move(_ x: Double, _ y: Double) {
    self.x = PathData.tenths(x)
    self.y = PathData.tenths(y)
    bytes.append(UInt8(ascii: "M"))
    PathData.append(self.x, to: &bytes)
    if self.y >= 0 { bytes.append(UInt8(ascii: " ")) }
    PathData.append(self.y, to: &bytes)
  }

  /// A straight line to a point.
  mutating func line(_ x: Double, _ y: Double) {
    let (right, down) = (PathData.tenths(x), PathData.tenths(y))
    bytes.append(UInt8(ascii: "l"))
    PathData.append(right - self.x, to: &bytes)
    if down - self.y >= 0 { bytes.append(UInt8(ascii: " ")) }
    PathData.append(down - self.y, to: &bytes)
    (self.x, self.y) = (right, down)
  }

  /// A horizontal line; none when the step rounds to nothing.
  mutating func horizontal(to x: Double) {
    let right = PathData.tenths(x)
    guard right != self.x else { return }
    bytes.append(UInt8(ascii: "h"))
    PathData.append(right - self.x, to: &bytes)
    self.x = right
  }

  /// A vertical line; none when the step rounds to nothing.
  mutating func vertical(to y: Double) {
    let down = PathData.tenths(y)
    guard down != self.y else { return }
    bytes.append(UInt8(ascii: "v"))
    PathData.append(down - self.y, to: &bytes)
    self.y = down
  }

  /// Back to the start of this part.
  mutating func close() { bytes.append(UInt8(ascii: "z")) }

  /// A filled rectangle of its own.
  mutating func rectangle(x: Double, y: Double, width: Double, height: Double) {
    move(x, y)
    horizontal(to: x + width)
    vertical(to: y + height)
    horizontal(to: x)
    close()
  }

  /// A coordinate as text with at most one decimal.
  static func coordinate(_ value: Double) -> String {
    var bytes: [UInt8] = []
    append(tenths(value), to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The nearest tenth; what is not finite becomes 0 and what is absurd is clamped, so that a drawing can be wrong but
  /// never malformed.
  private static func tenths(_ value: Double) -> Int {
    guard value.isFinite else { return 0 }
    return Int((min(max(value, -1e6), 1e6) * 10).rounded(.toNearestOrAwayFromZero))
  }

  private static func append(_ tenths: Int, to bytes: inout [UInt8]) {
    if tenths < 0 { bytes.append(UInt8(ascii: "-")) }
    let size = abs(tenths)
    bytes.append(contentsOf: String(size / 10).utf8)
    if size % 10 != 0 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(UInt8(ascii: "0") + UInt8(size % 10))
    }
  }
}
