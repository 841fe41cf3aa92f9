import Glibc

/// Time of all processors since the machine started, in ticks, as the first line of `/proc/stat` counts it (proc(5)).
struct ProcessorTicks: Hashable, Sendable {
  /// All time, idle and stolen included.
  let total: UInt64
  /// Time in which somebody worked: user, nice, system, interrupts.
  let busy: UInt64
  /// Time in which the hypervisor ran something else while this machine wanted to run.
  let stolen: UInt64

  /// Reads the first line of `/proc/stat`; nil when it is not what proc(5) says.
  init?(procStat text: String) {
    guard let line = text.split(separator: "\n", omittingEmptySubsequences: false).first else { return nil }
    let words = line.split(separator: " ")
    guard words.first == "cpu" else { return nil }
    // user nice system idle iowait irq softirq steal, then guest times that user and nice contain already.
    let numbers = words.dropFirst().prefix(8).compactMap { UInt64($0) }
    guard numbers.count == 8 else { return nil }
    var total: UInt64 = 0
    for number in numbers {
      let (sum, overflow) = total.addingReportingOverflow(number)
      if overflow { return nil }
      total = sum
    }
    (self.total, stolen) = (total, numbers[7])
    busy = numbers[0] + numbers[1] + numbers[2] + numbers[5] + numbers[6]
  }

  /// The counts of now; nil where the kernel does not show them.
  static func now() -> ProcessorTicks? {
    FileReader.bytes(at: "/proc/stat").flatMap { ProcessorTicks(procStat: String(decoding: $0, as: UTF8.self)) }
  }

  /// The share of all time since an earlier reading in which the host ran something else, 0...1; nil when no time has
  /// passed. Counters of single states may step back by a little (proc(5)); that is no theft.
  func stolenShare(since earlier: ProcessorTicks) -> Double? { share(stolen, earlier.stolen, of: earlier) }

  /// The share of all time since an earlier reading in which somebody worked, 0...1; nil when no time has passed.
  func busyShare(since earlier: ProcessorTicks) -> Double? { share(busy, earlier.busy, of: earlier) }

  private func share(_ now: UInt64, _ before: UInt64, of earlier: ProcessorTicks) -> Double? {
    guard total > earlier.total else { return nil }
    return now > before ? min(1, Double(now - before) / Double(total - earlier.total)) : 0
  }
}

/// What others took of the machine during a round: the host's other guests, and other processes.
struct MachineNoise {
  /// Shares of all processor time beyond which a round says more of the machine than of its side.
  static let mostSteal = 0.1
  static let mostOthers = 0.25

  private let before: (ticks: ProcessorTicks, own: Double)?
  /// Shares of all processor time; nil where the kernel does not tell.
  private(set) var steal: Double?
  private(set) var others: Double?

  /// Begins to watch.
  init() { before = ProcessorTicks.now().map { ($0, Self.ownSeconds()) } }

  /// Ends the watch; children that took part must have ended.
  mutating func finish() {
    guard let before, let after = ProcessorTicks.now(), let busy = after.busyShare(since: before.ticks) else { return }
    steal = after.stolenShare(since: before.ticks)
    let own = (Self.ownSeconds() - before.own) * Double(sysconf(Int32(_SC_CLK_TCK)))
    others = max(0, busy - own / Double(after.total - before.ticks.total))
  }

  /// Why the round does not count; nil when it does.
  func spoiled(knowsOthers: Bool, isBound: Bool) -> String? {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    if isBound { return "a generator that could not keep up" }
    if let steal, steal > Self.mostSteal { return "the host, which took \(percent(steal)) of the processors" }
    if knowsOthers, let others, others > Self.mostOthers {
      return "other processes, which took \(percent(others)) of the processors"
    }
    return nil
  }

  /// How long this process and its ended children worked.
  private static func ownSeconds() -> Double {
    var own = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      getrusage(Int32(truncatingIfNeeded: who.rawValue), &usage)
      for time in [usage.ru_utime, usage.ru_stime] { own += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    }
    return own
  }
}
