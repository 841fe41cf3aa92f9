import Foundation
import Testing

/// Compares text with a recorded file; with `RECORD=1` in the environment it rewrites the file and fails, so recording
/// can never pass by accident.
///
/// - Parameters:
///   - text: what the code made.
///   - name: the file's name below `Golden/` beside the test file that asks.
package func expectGolden(
  _ text: String, _ name: String, file: StaticString = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) {
  let folder = URL(fileURLWithPath: "\(file)").deletingLastPathComponent().appendingPathComponent("Golden")
  let url = folder.appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["RECORD"] == "1" {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    } catch {
      Issue.record("could not record \(url.path): \(error)", sourceLocation: sourceLocation)
    }
    Issue.record("recorded \(name); run again without RECORD=1", sourceLocation: sourceLocation)
    return
  }
  guard let recorded = try? String(contentsOf: url, encoding: .utf8) else {
    Issue.record("no golden file \(url.path); run with RECORD=1 once", sourceLocation: sourceLocation)
    return
  }
  guard recorded != text else { return }
  let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  for index in 0..<max(old.count, new.count) {
    let before = index < old.count ? String(old[index]) : "<end>"
    let after = index < new.count ? String(new[index]) : "<end>"
    if before != after {
      Issue.record(
        "\(name) line \(index + 1):\n  recorded: \(before)\n  now:      \(after)", sourceLocation: sourceLocation)
      return
    }
  }
}
