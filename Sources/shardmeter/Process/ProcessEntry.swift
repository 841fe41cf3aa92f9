import FoundationEssentials
import Measurement
import RunResults

/// The only place that reads the real process: arguments, environment, clocks, streams.
enum ProcessEntry {
  /// Builds the context and runs the command line.
  static func run() -> ExitCode {
    DescriptorOutput.occupyStandardDescriptors()
    SignalWatch.ignoreFailedWrites()
    let process = ProcessInfo.processInfo
    let takesUnicode = LocalePolicy.takesUnicode(process.environment)
    let context = Context(
      standardOutput: DescriptorOutput.standardOutput(takesUnicode: takesUnicode),
      standardError: DescriptorOutput.standardError(takesUnicode: takesUnicode),
      environment: process.environment, arguments: Array(CommandLine.arguments.dropFirst()),
      executable: "/proc/self/exe", workingDirectory: FileManager.default.currentDirectoryPath,
      clock: SystemClock(), wallTime: { WallTime.now() }, build: .current, mindsSignals: true)
    return CommandRegistry.standard.run(context)
  }
}
