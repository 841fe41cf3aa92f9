import Glibc

/// Time of all processors since the machine started, in ticks, as `/proc/stat` counts it (proc(5)).
package struct ProcessorTicks: Hashable, Sendable {
  /// All time, idle and stolen included.
  package let total: UInt64
  /// Time in which the hypervisor ran something else while this machine wanted to run.
  package let stolen: UInt64

  /// Counts known already.
  package init(total: UInt64, stolen: UInt64) {
    self.total = total
    self.stolen = stolen
  }

  /// Reads the first line of `/proc/stat`; nil when it is not what proc(5) says.
  package init?(procStat text: String) {
    guard let line = text.split(separator: "\n", omittingEmptySubsequences: false).first else { return nil }
    let words = line.split(separator: " ")
    guard words.first == "cpu" else { return nil }
    var numbers: [UInt64] = []
    for word in words.dropFirst() {
      guard let number = UInt64(word) else { return nil }
      numbers.append(number)
    }
    // user nice system idle iowait irq softirq steal, then guest times that user and nice contain already.
    guard numbers.count >= 8 else { return nil }
    var total: UInt64 = 0
    for number in numbers.prefix(8) {
      let (sum, overflow) = total.addingReportingOverflow(number)
      if overflow { return nil }
      total = sum
    }
    self.init(total: total, stolen: numbers[7])
  }

  /// The counts of now, nil where the kernel does not show them.
  package static func now() -> ProcessorTicks? {
    let descriptor = open("/proc/stat", O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    defer { SystemCalls.close(descriptor) }
    // The line asked for is the first, and shorter than this.
    return withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { room in
      let count = Glibc.read(descriptor, room.baseAddress, room.count)
      if count <= 0 { return nil }
      return ProcessorTicks(procStat: String(decoding: room[..<count], as: UTF8.self))
    }
  }

  /// The share of time stolen between an earlier reading and this one, 0...1; 0 when no time has passed.
  package func stolenShare(since earlier: ProcessorTicks) -> Double {
    // Counters of single states may step back by a little (proc(5)); that is no theft.
    if total <= earlier.total || stolen <= earlier.stolen { return 0 }
    return min(1, Double(stolen - earlier.stolen) / Double(total - earlier.total))
  }
}
