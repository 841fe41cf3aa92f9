import Measurement

/// Logarithmic bins of response times, eight a decade from 10 µs to 100 s; what lies outside falls into the outermost.
package enum ResponseBins {
  /// Lower bounds in nanoseconds, and the upper bound of the last bin.
  package static let bounds: [Int64] = {
    // 10^(k/8) for k = 0 ..< 8, to the four digits a file keeps.
    let mantissas: [Int64] = [1_000, 1_334, 1_778, 2_371, 3_162, 4_217, 5_623, 7_499]
    var bounds: [Int64] = []
    var decade: Int64 = 10
    while decade < 100_000_000 {
      bounds.append(contentsOf: mantissas.map { $0 * decade })
      decade *= 10
    }
    return bounds + [100_000_000_000]
  }()

  /// The rows of one second; a histogram's bucket goes whole into the bin of its middle.
  package static func rows(of histogram: Histogram, second: Int, isMeasured: Bool) -> [ResponseBinRow] {
    var counts = [Int](repeating: 0, count: bounds.count - 1)
    var bin = 0
    histogram.forEachBucket { lowest, highest, count in
      let middle = lowest + (highest - lowest) / 2
      while bin + 1 < counts.count, middle >= bounds[bin + 1] { bin += 1 }
      counts[bin] += Int(count)
    }
    return counts.indices.filter { counts[$0] > 0 }.map { bin in
      var row = ResponseBinRow()
      row.tS = second
      row.measured = isMeasured
      row.fromMs = Double(bounds[bin]) / 1e6
      row.belowMs = Double(bounds[bin + 1]) / 1e6
      row.records = counts[bin]
      return row
    }
  }
}
