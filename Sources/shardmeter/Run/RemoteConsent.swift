import LoadDriver
import StrictJSON
import Transport

/// What must be said before load goes anywhere but to this machine: the stream by name, a yes, and that a stream which
/// others may use is meant.
enum RemoteConsent {
  /// Lets loopback targets pass; for others shows what would be loaded and asks.
  ///
  /// - Throws: `CommandFailure` 2 where an option is missing or the answer is no, 6 where the target does not answer.
  static func check(
    _ options: RunOptions, target: RunTarget, control: StreamControl<some ControlCalls>, context: Context
  ) throws {
    guard !target.isLoopback else { return }
    let url = target.url
    guard let stream = options.stream else {
      throw CommandFailure("\(url) is not this machine: name the stream with --stream", code: .usage)
    }
    var text = "About to load stream \(stream) at \(url)"
    if options.createsStream {
      text += ", which this run creates"
    } else {
      guard options.usesExistingStream else {
        throw CommandFailure(
          "stream \(stream) at \(url) is not one that this run creates: give --existing-stream if it may be loaded",
          code: .usage)
      }
      do {
        let summary = try control.summary()
        text += " (\(summary.arn), \(summary.status), \(summary.openShards) open shards)"
      } catch {
        throw CommandFailure("target \(url), stream \(stream): \(error)", code: .unreachable)
      }
    }
    context.standardError.writeLine(text + ".")
    if options.saysYes { return }
    guard context.standardError.isTerminal else {
      throw CommandFailure("nobody is there to be asked: give --yes to load \(url)", code: .usage)
    }
    context.standardError.write("Go on? [y/N] ")
    guard let answer = Swift.readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw CommandFailure("stopped before anything was sent", code: .usage)
    }
  }
}
