import Glibc
import Reporting
import RunResults

/// What CI systems show beside a job's log: GitHub's step summary and its annotations. Nothing happens elsewhere.
enum ContinuousIntegration {
  /// Tells of a finished run.
  static func publish(_ run: LoadedRun, context: Context) {
    append(context) { MarkdownSummary.text(run) }
    annotate(context) { Annotations.lines(run) }
  }

  /// Tells of a comparison.
  static func publish(_ document: ComparisonDocument, context: Context) {
    append(context) { ComparisonMarkdown.text(document) }
    annotate(context) { ComparisonMarkdown.annotations(document) }
  }

  /// On standard error, which the runner reads as well, so that standard output stays a document with `--json`.
  private static func annotate(_ context: Context, _ lines: () -> [String]) {
    guard context.environment["GITHUB_ACTIONS"] == "true" else { return }
    for line in lines() { context.standardError.writeLine(line) }
  }

  private static func append(_ context: Context, _ text: () -> String) {
    guard let path = context.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else {
      context.warn("GITHUB_STEP_SUMMARY: \(path) cannot be written: \(String(cString: strerror(errno)))")
      return
    }
    defer { close(descriptor) }
    var bytes = Array((text() + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        context.warn("GITHUB_STEP_SUMMARY: \(path) cannot be written: \(String(cString: strerror(errno)))")
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }
}
