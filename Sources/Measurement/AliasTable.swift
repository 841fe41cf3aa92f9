/// Draws an index in proportion to weights in constant time: Walker's alias method, built as Vose did
/// (doi:10.1109/32.92917).
struct AliasTable: Hashable, Sendable {
  /// Of 2^64 equally likely words, how many keep the column rather than going to its alias.
  private let keeps: [UInt64]
  private let aliases: [Int32]
  private let masses: [Double]

  /// A table of `weights`, each finite and at least 0, at least one of them above 0; `field` names them in failures.
  init(weights: [Double], field: String) throws(DistributionFailure) {
    let sum = weights.reduce(0, +)
    guard sum > 0, sum.isFinite, weights.count <= Int(Int32.max) else {
      throw DistributionFailure(field, "at least one value, and a positive weight among them")
    }
    masses = weights.map { $0 / sum }
    let columns = weights.count
    // Each column gets 1/columns of the whole: its own part below, the rest from one heavier column.
    var parts = masses.map { $0 * Double(columns) }
    var keeps = [UInt64](repeating: .max, count: columns)
    var aliases = (0..<Int32(columns)).map { $0 }
    var light = parts.indices.filter { parts[$0] < 1 }
    var heavy = parts.indices.filter { parts[$0] >= 1 }
    while let small = light.popLast(), let large = heavy.last {
      // Parts below 1 stay below 2^64 when scaled.
      keeps[small] = UInt64(parts[small] * 0x1p64)
      aliases[small] = Int32(large)
      parts[large] -= 1 - parts[small]
      if parts[large] < 1 {
        heavy.removeLast()
        light.append(large)
      }
    }
    // What is left in either list differs from 1 by rounding only and keeps its column.
    self.keeps = keeps
    self.aliases = aliases
  }

  /// The index that two random words stand for.
  func sample(_ words: (UInt64, UInt64)) -> Int {
    let column = Int(CounterRandom.below(UInt64(keeps.count), word: words.0))
    return words.1 < keeps[column] ? column : Int(aliases[column])
  }

  /// The probability of `index`.
  func mass(of index: Int) -> Double { masses[index] }
}
