import FoundationEssentials
import Measurement
import RunResults

/// The only place that reads the real process: arguments, environment, clocks, streams.
enum ProcessEntry {
  /// Builds the context and runs the command line.
  ///
  /// - Returns: what the process leaves with, see ``ExitCode``.
  static func run() -> Int32 {
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
    return Int32(CommandRegistry.standard.run(context).rawValue)
  }
}
