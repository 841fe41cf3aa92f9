import Glibc
import Kinesis

/// Runs a `credential_process` without a shell and takes what it prints.
enum CredentialProcess {
  /// How long it may take (the Go SDK's limit; botocore has none and would hang with the program).
  private static let timeoutMilliseconds: Int64 = 60_000
  /// The most it may print.
  private static let longestOutput = 64 << 10

  /// Runs the words and gives what they print on standard output.
  ///
  /// Its standard error goes nowhere: it may repeat what is secret, and ends up in logs.
  ///
  /// - Parameters:
  ///   - words: the program, looked up in `PATH`, and its arguments.
  ///   - source: what to call it in a failure, which never repeats arguments or output.
  static func output(
    of words: [String], environment: [String: String], source: String
  ) throws(CredentialsFailure) -> [UInt8] {
    func failure(_ reason: String) -> CredentialsFailure { .unusable(source: source, reason: reason) }
    let child: ChildProcess
    do {
      child = try ChildProcess(
        executable: words[0], arguments: words, environment: environment, isSearched: true, isQuiet: true)
    } catch {
      throw failure("its program does not start: \(error)")
    }
    let output = child.output(atMost: longestOutput, milliseconds: timeoutMilliseconds)
    // Only one that closed its output is waited for; any other is ended.
    let code = output.isWhole ? child.wait(milliseconds: timeoutMilliseconds) : child.end(by: SIGKILL)
    guard output.isWhole else { throw failure("it prints more than 64 KiB, or takes longer than a minute") }
    guard code == 0 else {
      throw failure("it ends with exit code \(code); aws configure export-credentials shows what it says")
    }
    return output.bytes
  }
}
