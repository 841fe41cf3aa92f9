/// The numbers the script's cursor reads out; everything in it is also in the drawings and files.
enum HoverData {
  /// JSON without any foreign text: numbers, and names of ours.
  static func json(_ facts: RunFacts) -> String {
    let frame = facts.frame
    var text = "{\"x0\":\(Int(TimeFrame.left)),\"x1\":\(Int(TimeFrame.right)),\"start\":\(frame.firstSecond)"
    text += ",\"seconds\":\(frame.columnSeconds),\"columns\":\(frame.count),\"series\":["
    let rates: [(String, KeyPath<TimeColumn, Int>)] = [
      ("planned", \.planned), ("attempted", \.attempted), ("accepted", \.accepted), ("throttled", \.throttled),
    ]
    var series: [String] = []
    for (name, path) in rates {
      let values = facts.columns.indices.map { index -> String in
        let seconds = frame.covered(index)
        return seconds > 0 ? NumberFormat.fixed(Double(facts.columns[index][keyPath: path]) / seconds, 0) : "null"
      }
      series.append(one(name, "rec/s", values))
    }
    for (name, path) in [("p50", \TimeColumn.p50), ("p99", \TimeColumn.p99)] {
      series.append(one(name, "ms", facts.columns.map { $0[keyPath: path].map(NumberFormat.significant) ?? "null" }))
    }
    text += series.joined(separator: ",") + "],\"classes\":["
    text += HeatSection.classNames.map { "\"\($0)\"" }.joined(separator: ",") + "],\"heat\":["
    if facts.shards.count > 1, facts.shards.count <= HeatSection.mostFullRows, facts.heat.frame == frame {
      // Without traffic counts as not throttled here: the readout's own numbers say that nothing was tried.
      text += facts.shards.indices.map { row in
        "\"" + facts.heat.classes(row: row).map { String($0 == HeatMatrix.empty ? 0 : $0) }.joined() + "\""
      }.joined(separator: ",")
    }
    return text + "]}"
  }

  private static func one(_ name: String, _ unit: String, _ values: [String]) -> String {
    "{\"name\":\"\(name)\",\"unit\":\"\(unit)\",\"values\":[\(values.joined(separator: ","))]}"
  }
}
