import Foundation
import Observations
import RunResults
import Testing

@testable import Reporting

@Suite struct DrawingPartsTests {
  @Test func relativeStepsAddUpNoError() {
    var path = PathData()
    path.move(0, 0)
    for step in 1...1000 { path.horizontal(to: Double(step) * 0.333) }
    let steps = path.text.dropFirst("M0 0".count).split(separator: "h").compactMap { Double($0) }
    #expect(abs(steps.reduce(0, +) - 333) < 0.06)
  }

  @Test(arguments: [(0.0, "0"), (1.04, "1"), (1.05, "1.1"), (-0.06, "-0.1"), (1e9, "1000000"), (Double.nan, "0")])
  func coordinates(_ value: Double, _ text: String) { #expect(PathData.coordinate(value) == text) }

  @Test func anEmptyStepIsNotWritten() {
    var path = PathData()
    path.move(1, 1)
    path.horizontal(to: 1.01)
    path.vertical(to: 1.02)
    #expect(path.text == "M1 1")
  }

  @Test(arguments: [(7.0, 8.0), (1, 1), (24_000, 25_000), (0, 1), (0.03, 0.03), (101, 125)])
  func axesFromZeroEndAtARoundValue(_ maximum: Double, _ high: Double) {
    let axis = AxisScale.fromZero(to: maximum, start: 100, end: 0)
    #expect(abs(axis.high - high) < 1e-9)
    #expect(axis.ticks.first == 0)
    #expect(abs((axis.ticks.last ?? 0) - axis.high) < 1e-9)
    #expect(axis(0) == 100)
    #expect(axis(axis.high) == 0)
    #expect(axis(axis.high * 2) == 0)
    #expect(axis(.nan) == 100)
  }

  @Test(arguments: [(6.0, 217.0), (5, 5), (0.001, 0.002), (1, 1e7), (0, 3)])
  func logarithmicAxesHoldTheirValuesAndADecade(_ low: Double, _ high: Double) {
    let axis = AxisScale.logarithmic(from: low, to: high, start: 100, end: 0)
    #expect(axis.low <= max(low, 1e-9) * 1.000_001 || low == 0)
    #expect(axis.high >= high * 0.999_999)
    #expect(axis.high / axis.low >= 9.9)
    #expect(axis.ticks.count >= 2)
    #expect(axis.ticks == axis.ticks.sorted())
    let spots = axis.ticks.map { axis($0) }
    for (upper, lower) in zip(spots.dropFirst(), spots) { #expect(lower - upper > 2) }
  }

  @Test func labelsKeepTheirDistanceAndOrder() {
    let cases: [([Double], [Double])] = [
      ([], []), ([50], [13]), ([50, 50, 50], [13, 13, 13]), ([99, 98, 97, 96], [13, 26, 13, 13]), ([1, 2], [13, 13]),
      ([90, 10, 90, 10], [26, 26, 13, 13]),
    ]
    for (wishes, heights) in cases {
      let spread = LabelPush.spread(wishes, heights: heights, in: 10...100)
      let order = spread.indices.sorted { spread[$0] < spread[$1] }
      for (above, below) in zip(order, order.dropFirst()) {
        #expect(spread[below] - spread[above] >= heights[above] - 1e-9)
        #expect(wishes[above] <= wishes[below])
      }
      for (position, height) in zip(spread, heights) { #expect(position >= 10 && position + height <= 113.000_1) }
    }
  }

  @Test(arguments: [
    (-10.0, 120.0, 1, 1, 130), (0, 1, 1, 1, 1), (0, 0, 1, 1, 0), (-10, 600, 10, 10, 61), (0, 3600, 1, 30, 120),
    (-2.5, 10.0, 1, 1, 13), (0, 10.2, 1, 1, 10), (0, 10.6, 1, 1, 11), (0, 864_000, 1, 7200, 120),
  ])
  func framesChooseTheirColumns(_ start: Double, _ end: Double, _ bin: Int, _ width: Int, _ count: Int) {
    let frame = TimeFrame(start: start, end: end, binSeconds: bin)
    #expect(frame.columnSeconds == width)
    #expect(frame.count == count)
    #expect(frame.count <= TimeFrame.mostColumns)
    guard count > 0 else { return }
    #expect(frame.edges(0).left == TimeFrame.left)
    for column in 1..<max(count, 1) { #expect(frame.edges(column).left == frame.edges(column - 1).right) }
    #expect(frame.column(of: frame.firstSecond) == 0)
    #expect(frame.column(of: frame.firstSecond - 1) == nil)
    #expect(frame.column(of: frame.firstSecond + count * width) == nil)
  }

  @Test("A heat matrix is the sums of its lines, as a whole table of them says", arguments: [(1, 1), (3, 40), (50, 7)])
  func heatMatrixAgreesWithAWholeTable(rows: Int, seconds: Int) {
    let frame = TimeFrame(start: 0, end: Double(seconds), binSeconds: 1)
    var table = Array(repeating: Array(repeating: ShardTraffic(), count: frame.count), count: rows)
    // Some cells have no line, some two; some lines lie outside of the rows or the time.
    let lines = (0..<rows * seconds).map { number in
      var line = ShardSecondRow()
      (line.shardIndex, line.tS) = (number * 7 % (rows + 2) - 1, number * 13 % (seconds + 2) - 1)
      (line.traffic.attempted, line.traffic.throttled) = (100 + number, number % 3 * 20)
      (line.traffic.firstTries, line.traffic.fault) = (90, number % 11 == 0 ? 1 : 0)
      line.traffic.accepted = 70
      if (0..<rows).contains(line.shardIndex), let column = frame.column(of: line.tS) {
        table[line.shardIndex][column].add(line.traffic)
      }
      return line
    }
    let heat = HeatMatrix(lines, rows: rows, frame: frame)
    for row in 0..<rows {
      #expect((0..<frame.count).map { heat[row, $0] } == table[row])
      let used = table[row].indices.filter { table[row][$0] != ShardTraffic() }
      #expect(heat.cells(row: row).map(\.column) == used)
    }
    let pooled = (0..<frame.count).map { column in
      table.reduce(into: ShardTraffic()) { $0.add($1[column]) }
    }
    #expect(heat.totals == pooled)
    #expect(
      heat.classes(band: 0..<rows)
        == pooled.map {
          HeatMatrix.classOf(throttled: $0.throttled, answered: $0.accepted + $0.throttled + $0.failed)
        })
    #expect(heat.failures(band: 0..<rows) == pooled.map { $0.fault > 0 })
  }

  @Test func heatClassesFollowTheirBounds() {
    let table: [(Int, UInt8)] = [
      (0, 0), (1, 1), (10, 1), (11, 2), (20, 2), (50, 3), (100, 4), (250, 5), (500, 6), (501, 7), (1000, 7),
    ]
    for (throttled, kind) in table { #expect(HeatMatrix.classOf(throttled: throttled, answered: 1000) == kind) }
    #expect(HeatMatrix.classOf(throttled: 0, answered: 0) == HeatMatrix.empty)
  }

  @Test func cellsOfOneClassBecomeOneRectangle() {
    var thin = Drawing(id: "x", width: 10, height: 10)
    HeatMatrix.paint([[1, 1, 2], [1, 1, 2]], edges: [0, 1, 2, 3], y: 0, pitch: 2, height: 2, into: &thin)
    let merged = thin.element(title: "", description: "").text
    #expect(merged.contains("d=\"M0 0h2v4h-2z\""))
    #expect(merged.contains("d=\"M2 0h1v4h-1z\""))
    var gaps = Drawing(id: "x", width: 10, height: 10)
    HeatMatrix.paint([[1, 1, 255], [1, 1, 255]], edges: [0, 1, 2, 3], y: 0, pitch: 2, height: 1, into: &gaps)
    #expect(gaps.element(title: "", description: "").text.contains("d=\"M0 0h2v1h-2zM0 2h2v1h-2z\""))
  }

  @Test func escapesWhatIsForeignAndKeepsWhatIsOurs() {
    let key = "<b>&\"'\u{7}\u{202e}"
    let markup: Markup = "<td>\(key)</td>\(count: 1_559_320)"
    #expect(
      markup.text == "<td>&lt;b&gt;&amp;&quot;&#39;\\x07\\u{202e}</td>1<i class=\"t\"></i>559<i class=\"t\"></i>320")
  }

  @Test func oneSentenceServesEverySurface() {
    let prose: Prose = "\(1234) on \(strong: "shard 1"), key \(code: "a|`*<")"
    #expect(prose.plain == "1234 on shard 1, key a|`*<")
    // What could be read as a tag is escaped text, never a code span.
    #expect(prose.markdown == #"1234 on **shard 1**, key a\|\`\*&lt;"#)
    #expect(("key \(code: "a|`*")" as Prose).markdown == "key `` a\\|`* ``")
    #expect(prose.html.text == "1<i class=\"t\"></i>234 on <b>shard 1</b>, key <span class=\"mono nb\">a|`*&lt;</span>")
  }
}
