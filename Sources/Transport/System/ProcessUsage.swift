import CLinux
import Glibc
import Measurement

/// What this process has used of the machine, and what of it it may use.
package enum ProcessUsage {
  /// Processor time of the calling thread, user and system.
  package static func threadTime() -> Nanoseconds { read(CLOCK_THREAD_CPUTIME_ID) }

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
