import Measurement
import Transport

/// Measures one operation in CPU time of the calling thread and prints a line `name<TAB>nanoseconds`.
enum Stopwatch {
  /// How long each operation is repeated, in nanoseconds of CPU.
  private static let span: Int64 = 200_000_000

  /// Runs `body` until enough time has gone by.
  ///
  /// - Parameters:
  ///   - operations: how many operations one call of `body` does.
  ///   - body: returns something that depends on its work, so that the work cannot be left out.
  static func measure(_ name: String, operations: Int = 1, _ body: () -> Int) {
    var sum = body()
    var calls: Int64 = 0
    var batch: Int64 = 1
    let began = ProcessUsage.threadTime()
    var elapsed = Nanoseconds.zero
    while elapsed.value < span {
      for _ in 0..<batch { sum &+= body() }
      calls += batch
      batch *= 2
      elapsed = ProcessUsage.threadTime() - began
    }
    // A use of the sum that the optimiser cannot foresee and that never prints.
    if sum == Int.min { print("-") }
    let nanoseconds = Double(elapsed.value) / Double(calls) / Double(operations)
    print("\(name)\t\(nanoseconds)")
  }
}
