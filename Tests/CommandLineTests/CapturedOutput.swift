import Synchronization

@testable import shardmeter

/// Output kept in memory.
final class CapturedOutput: TextOutput {
  let isTerminal: Bool
  let columns: Int?
  private let kept = Mutex("")

  init(isTerminal: Bool = false, columns: Int? = nil) {
    self.isTerminal = isTerminal
    self.columns = columns
  }

  var text: String { kept.withLock { $0 } }

  func write(_ text: String) { kept.withLock { $0 += text } }
}
