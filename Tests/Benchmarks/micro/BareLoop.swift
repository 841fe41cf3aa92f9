import Measurement
import Transport

/// Nothing but absolute deadlines in an event loop: how late a wait on this machine ends at best.
enum BareLoop {
  private static let interval: Int64 = 100_000
  private static let count: Int64 = 30_000

  /// Prints the 99th percentile of the lateness at 10,000 deadlines a second, in microseconds.
  static func measure() throws {
    try ProcessUsage.makeWaitsPrecise()
    let clock = SystemClock()
    let loop = try EventLoop(clock: clock)
    var late = Histogram(significantDigits: 3)
    let start = clock.now() + Nanoseconds(1_000_000)
    for number in 0..<count {
      let due = start + Nanoseconds(number * interval)
      while clock.now() < due { try loop.wait(until: due) }
      late.record((clock.now() - due).value)
    }
    print("lateness p99\t\(Double(late.value(atQuantile: 0.99)) / 1_000)")
  }
}
