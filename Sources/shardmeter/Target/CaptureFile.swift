import LocalKinesis
import Observations

/// The file of `--record`: a trace of what arrives.
struct CaptureFile {
  /// What takes the records while the target serves.
  let capture: TrafficCapture
  private let path: String
  private let file: FileSink

  /// Makes the file.
  ///
  /// - Parameter keys: what may be shown of keys.
  /// - Throws: ``UsageError`` for a name that does not say in which form, `CommandFailure` 2 for a file that is there already
  ///   or cannot be made.
  init(_ path: String, keys: KeyNames.Mode, isDistinct: Bool, context: Context) throws {
    guard keys != .hide else { throw UsageError("--record needs keys or their hashes: --keys show or hash") }
    let settings = TrafficCapture.Settings(
      form: try Self.form(of: path), showsKeys: keys == .show, isDistinct: isDistinct)
    let file = try FileSink(creating: path)
    self.path = path
    self.file = file
    capture = TrafficCapture(settings) {
      try file.write($0)
    } fail: { error in
      context.warn("--record: \(error); nothing more is recorded, and the target goes on")
    }
  }

  /// Writes what is left and says what the trace lacks. The target must have ended.
  ///
  /// - Returns: whether every record was written.
  func finish(_ context: Context) -> Bool {
    capture.finish()
    file.close()
    if capture.unopened > 0 {
      context.warn("\(path): \(capture.unopened) aggregated records could not be opened; each stands as one record")
    }
    if capture.hasForgotten {
      context.warn("\(path): too many records to remember all; some may stand in it twice")
    }
    return !capture.hasFailed
  }

  /// By the name's end.
  private static func form(of path: String) throws(UsageError) -> TrafficCapture.Form {
    if path.hasSuffix(".csv") { return .csv }
    if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") { return .lines }
    throw UsageError("--record: expected a file that ends in .csv, .ndjson or .jsonl, found \"\(path)\"")
  }
}
