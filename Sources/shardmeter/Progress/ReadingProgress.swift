import Measurement
import Reporting

/// Shows on standard error how far the reading of a long file has come: a trace may have gigabytes. What is read within a
/// second shows nothing.
///
/// One thread uses it; a class, since readers of files are values that do not change.
final class ReadingProgress {
  /// Nothing is shown before this long.
  static let patience = Nanoseconds.seconds(1)

  private let mode: ProgressMode
  private let output: any TextOutput
  private let clock: any MonotonicClock
  /// When the next line is due; nil where none ever is.
  private var due: Instant?
  private var isDrawn = false

  /// - Parameters:
  ///   - output: standard error.
  ///   - clock: what tells when a line is due.
  init(mode: ProgressMode, output: any TextOutput, clock: any MonotonicClock) {
    self.mode = mode
    self.output = output
    self.clock = clock
    if let interval = mode.interval { due = clock.now() + max(Self.patience, interval) }
  }

  /// Takes note of how far a file has been read. O(1), and mostly one look at the clock.
  ///
  /// - Parameters:
  ///   - name: the file's, which may be foreign text.
  ///   - read: bytes of the file read so far.
  ///   - size: the file's length; nil for what has none, such as a pipe.
  func note(_ name: String, read: Int64, of size: Int64?) {
    guard let interval = mode.interval, let moment = due else { return }
    let now = clock.now()
    guard now >= moment else { return }
    due = now + interval
    let text = Self.text(name, read: read, of: size)
    if mode == .live {
      output.offer("\r\(text)\u{1B}[K")
      isDrawn = true
    } else {
      output.offer(text + "\n")
    }
  }

  /// Takes the line off a screen; to be called when everything is read.
  func erase() {
    guard isDrawn else { return }
    output.offer("\r\u{1B}[K")
    isDrawn = false
  }

  /// The line: at most 80 columns, with what a terminal would obey made visible.
  static func text(_ name: String, read: Int64, of size: Int64?) -> String {
    func mebibytes(_ bytes: Int64) -> String { "\(bytes / 1_048_576)" }
    let amount =
      if let size, size > 0 {
        "\(mebibytes(read)) of \(mebibytes(size)) MiB, \(NumberFormat.wholePercent(Double(read) / Double(size))) %"
      } else {
        "\(mebibytes(read)) MiB"
      }
    return "reading \(VisibleText.cut(VisibleText.line(name), to: 30, gap: "..")): \(amount)"
  }
}
