import Dispatch
import Measurement
import RunResults

/// `run --repeat N`: the same run again and again, each a folder of its own beside the others.
struct RepeatedRun {
  /// The rest before each further run, unless told otherwise.
  static let usualCooldown = Nanoseconds.seconds(5)

  let options: RunOptions
  let context: Context
  let interruption: Interruption

  /// Makes the runs. One that did not come about, or was interrupted, is the last.
  ///
  /// - Returns: what the runs together have to say; see `ExitCode.precedence`.
  func perform(_ count: Int) throws -> ExitCode {
    var codes: [ExitCode] = []
    for number in 1...count {
      if number > 1 {
        try rest(number)
        if !options.output.isQuiet { context.standardError.writeLine("run \(number) of \(count)") }
      }
      let code = try RunExecution(options: options, context: context, interruption: interruption).perform()
      codes.append(code)
      if interruption.isRequested || [ExitCode.interrupted, .unreachable, .internalError].contains(code) { break }
    }
    return ExitCode.first(of: codes)
  }

  private func rest(_ number: Int) throws {
    let done = DispatchSemaphore(value: 0)
    interruption.onRequest { done.signal() }
    let cooldown = options.cooldown ?? Self.usualCooldown
    _ = done.wait(timeout: .now() + .nanoseconds(Int(clamping: cooldown.value)))
    if interruption.isRequested {
      throw CommandFailure("interrupted: run \(number) was not begun", code: .interrupted)
    }
  }
}
