import Measurement
import Synchronization

/// Everything a command sees of the process around it, so that a command can run inside a test.
struct Context: Sendable {
  /// Where results go.
  var standardOutput: any TextOutput
  /// Where progress, warnings and errors go.
  var standardError: any TextOutput
  /// The environment's variables.
  var environment: [String: String]
  /// The words after the program's name.
  var arguments: [String]
  /// The program's own file, to start it again as the embedded target.
  var executable: String
  /// The folder that relative paths start from.
  var workingDirectory: String
  /// The one clock of all latencies.
  var clock: any MonotonicClock
  /// The wall clock, for labels only.
  var wallTime: @Sendable () -> WallTime
  /// What is known about the program itself.
  var build: BuildInfo
  /// What was warned of.
  let warnings = WarningMemory()
  /// Whether signals of the process are this command's to mind: only in a process that is its own.
  var mindsSignals = false

  /// The command line as reports may show it.
  var maskedCommandLine: String { MaskedCommandLine.text(program: "shardmeter", arguments: arguments) }

  /// Columns for text that wraps: the terminal's, narrowed by `COLUMNS`, else 80; never more than 100.
  var textWidth: Int {
    max(40, min(narrowed(standardOutput).columns ?? 80, 100))
  }

  /// The stream as narrow as `COLUMNS` says; the variable never makes it wider.
  func narrowed(_ output: any TextOutput) -> any TextOutput {
    guard let limit = environment["COLUMNS"].flatMap(Int.init), limit > 0 else { return output }
    return NarrowedOutput(output: output, limit: limit)
  }

  /// Whether this stream gets colour.
  func usesColour(_ choice: ColourChoice, on output: any TextOutput) -> Bool {
    ColourPolicy.isOn(choice, environment: environment, isTerminal: output.isTerminal)
  }

  /// Says something that is no error, on standard error; what was said already is not said again.
  func warn(_ text: String) {
    guard warnings.note(text) else { return }
    standardError.writeLine("warning: \(text)")
  }

  /// The warnings that whoever looks at standard output has seen: those on standard error, where both are terminals. Files
  /// and pipes may go separate ways, and each is then complete.
  var seenWarnings: Set<String> { standardOutput.isTerminal && standardError.isTerminal ? warnings.all : [] }
}

/// What a command has warned of so far.
final class WarningMemory: Sendable {
  private let texts = Mutex<Set<String>>([])

  /// Keeps a warning.
  ///
  /// - Returns: whether it is a new one.
  func note(_ text: String) -> Bool { texts.withLock { $0.insert(text).inserted } }

  /// All of them.
  var all: Set<String> { texts.withLock { $0 } }
}
