import FoundationEssentials

/// The share of processor time that the host gave to other guests, from `/proc/stat` (proc(5): the eighth number of the
/// `cpu` line; the first eight sum to all time).
struct ProcessorSteal {
  private var last: (steal: UInt64, total: UInt64)?

  /// Reads the counters anew.
  ///
  /// - Returns: the share since the last call, 0...1; nil at the first call and where the kernel does not tell.
  mutating func sample(_ text: String?) -> Double? {
    guard let text, let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
    let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
    guard numbers.count >= 8 else { return nil }
    let now = (steal: numbers[7], total: numbers[0..<8].reduce(0, +))
    defer { last = now }
    guard let last, now.total > last.total, now.steal >= last.steal else { return nil }
    return Double(now.steal - last.steal) / Double(now.total - last.total)
  }
}
