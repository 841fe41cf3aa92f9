import Glibc

/// What others took of the machine during a round: the host's other guests, and other processes.
struct MachineNoise {
  /// Shares of all processor time beyond which a round says more of the machine than of its side.
  static let mostSteal = 0.1
  static let mostOthers = 0.25

  private let before: (times: [UInt64], own: Double)?
  /// Shares of all processor time; nil where the kernel does not tell.
  private(set) var steal: Double?
  private(set) var others: Double?

  /// Begins to watch.
  init() { before = Self.sample() }

  /// Ends the watch; children that took part must have ended.
  mutating func finish() {
    guard let before, let after = Self.sample() else { return }
    let passed = zip(after.times, before.times).map { $0 >= $1 ? Double($0 - $1) : 0 }
    let all = passed.reduce(0, +)
    guard all > 0 else { return }
    steal = passed[7] / all
    // User, nice, system, interrupts: what somebody worked.
    let busy = passed[0] + passed[1] + passed[2] + passed[5] + passed[6]
    let own = (after.own - before.own) * Double(sysconf(Int32(_SC_CLK_TCK)))
    others = max(0, busy - own) / all
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

  /// The first eight numbers of the `cpu` line of `/proc/stat` (proc(5)), and the seconds that this process and its ended
  /// children worked.
  private static func sample() -> (times: [UInt64], own: Double)? {
    guard let bytes = FileReader.bytes(at: "/proc/stat"),
      let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first, line.hasPrefix("cpu ")
    else { return nil }
    let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
    guard numbers.count >= 8 else { return nil }
    var own = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      getrusage(Int32(truncatingIfNeeded: who.rawValue), &usage)
      for time in [usage.ru_utime, usage.ru_stime] { own += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    }
    return (Array(numbers.prefix(8)), own)
  }
}
