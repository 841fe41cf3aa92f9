import Synchronization

@testable import shardmeter

/// Output kept in memory.
final class CapturedOutput: TextOutput {
  let isTerminal: Bool
  let columns: Int?
  let takesUnicode: Bool
  private let kept = Mutex("")

  init(isTerminal: Bool = false, columns: Int? = nil, takesUnicode: Bool = false) {
    self.isTerminal = isTerminal
    self.takesUnicode = takesUnicode
    self.columns = columns
  }

  var text: String { kept.withLock { $0 } }

  func write(_ text: String) { kept.withLock { $0 += text } }
}
