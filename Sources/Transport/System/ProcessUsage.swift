import CLinux
import Glibc
import Measurement

/// What this process has used of the machine, and what of it it may use.
package enum ProcessUsage {
  /// Processor time of the calling thread, user and system.
  package static func threadTime() -> Nanoseconds { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Processor time of all threads of the process, ended ones included.
  package static func processTime() -> Nanoseconds { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// The most memory the process has had resident so far, in bytes.
  package static func peakResidentBytes() -> Int {
    var usage = rusage()
    // Linux counts in KiB (getrusage(2)).
    return getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss << 10 : 0
  }

  /// The processors the calling thread may run on, ascending; never empty.
  package static func processors() -> [Int] {
    var found = [Int32](repeating: 0, count: 8192)
    let count = clinux_affinity(&found, Int32(found.count))
    // A sandbox may refuse the question; then one processor is the safe answer.
    return count > 0 ? found.prefix(Int(count)).map(Int.init) : [0]
  }

  /// Lets the calling thread's waits end at their deadline instead of up to 50 µs later, which is how far the kernel
  /// otherwise moves them to save wake-ups (prctl(2), `PR_SET_TIMERSLACK`).
  package static func makeWaitsPrecise() throws(SystemCallFailure) {
    if clinux_set_timer_slack(1) != 0 { throw SystemCallFailure(.prctl, errno) }
  }

  /// Raises the number of descriptors the process may have open to the most it is allowed without further rights.
  ///
  /// - Returns: how many that is.
  package static func raiseDescriptorLimit() throws(SystemCallFailure) -> Int {
    var limit = rlimit()
    if getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) != 0 { throw SystemCallFailure(.getrlimit, errno) }
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      if setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) != 0 {
        throw SystemCallFailure(.setrlimit, errno)
      }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many descriptors the process may have open; 0 when the system does not say.
  package static func descriptorLimit() -> Int {
    var limit = rlimit()
    return getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
  }

  private static func read(_ clock: clockid_t) -> Nanoseconds {
    var time = timespec()
    clock_gettime(clock, &time)
    return Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

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
