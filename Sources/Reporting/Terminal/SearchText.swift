import Measurement
import RunResults

/// What `search` prints on a terminal: sentences and a line a probe; at most 80 columns, but for reasons.
package enum SearchText {
  /// The text of an answer, each line with its end.
  ///
  /// - Parameter charset: what the terminal shows of foreign text.
  package static func text(_ document: SearchDocument, charset: TerminalCharset = .ascii) -> String {
    let sentences = document.sentences.enumerated().flatMap { place, sentence in
      TerminalText.wrapped(charset.shown(sentence), to: TerminalText.widest) + (place == 0 ? [""] : [])
    }
    let warnings = document.warnings.flatMap { TerminalText.wrapped("! " + charset.shown($0), to: TerminalText.widest) }
    let goals =
      document.goals.isEmpty ? [] : ["", "A probe passes with " + document.goals.joined(separator: ", ") + "."]
    let lines = sentences + [""] + table(document) + goals.flatMap { TerminalText.wrapped($0, to: TerminalText.widest) }
    return (lines + warnings).map { $0 + "\n" }.joined()
  }

  private static func table(_ document: SearchDocument) -> [String] {
    let heads = ["probe", document.unit, "accepted/s", "throttled", "p50 ms", "p99 ms", "service"]
    var lines = [row(heads, "")]
    for probe in document.probes {
      let marks = [
        probe.verdict, probe.purpose == "bracket" || probe.purpose == "bisect" ? "" : probe.purpose,
        probe.inFlightFactor > 1 ? "in flight x\(probe.inFlightFactor)" : "",
      ].filter { !$0.isEmpty }.joined(separator: ", ")
      lines.append(
        row(
          [
            "\(probe.number)", number(probe.value), number(probe.acceptedPerS),
            probe.throttleRatio.map { NumberFormat.percent($0) + " %" } ?? "-", number(probe.responseP50),
            number(probe.responseP99), number(probe.serviceP50),
          ], marks))
    }
    return lines
  }

  /// Whole from 100 on: a bracket's ends differ in the third digit.
  private static func number(_ value: Double?) -> String { value.map(SearchSection.number) ?? "-" }

  private static let widths = [5, 11, 11, 10, 8, 8, 8]

  private static func row(_ cells: [String], _ mark: String) -> String {
    let text = zip(cells, widths).map { cell, width in
      String(repeating: " ", count: max(1, width - cell.count)) + cell
    }.joined()
    return mark.isEmpty ? text : "\(text)  \(mark)"
  }
}
