import FoundationEssentials
import Measurement

/// The only place that reads the real process: arguments, environment, clocks, streams.
enum ProcessEntry {
  /// Builds the context and runs the command line.
  static func run() -> ExitCode {
    DescriptorOutput.occupyStandardDescriptors()
    SignalWatch.ignoreFailedWrites()
    let process = ProcessInfo.processInfo
    let context = Context(
      standardOutput: DescriptorOutput.standardOutput, standardError: DescriptorOutput.standardError,
      environment: process.environment, arguments: Array(CommandLine.arguments.dropFirst()),
      executable: "/proc/self/exe", workingDirectory: FileManager.default.currentDirectoryPath,
      clock: SystemClock(), wallTime: { WallTime.now() }, build: .current, mindsSignals: true)
    return CommandRegistry.standard.run(context)
  }
}
