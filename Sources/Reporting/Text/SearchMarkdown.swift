import RunResults

/// `summary.md` of a search: the sentence, a table of the probes, and where the rest is.
package enum SearchMarkdown {
  /// The file's text.
  package static func text(_ document: SearchDocument) -> String {
    var text = "## \(MarkdownText.escape(document.sentences.first ?? ""))\n\n"
    for sentence in document.sentences.dropFirst() { text += "\(MarkdownText.escape(sentence))\n" }
    text += "\n| probe | \(document.unit) | verdict | accepted/s | throttled % | response p99 ms |\n"
    text += "|--:|--:|---|--:|--:|--:|\n"
    for probe in document.probes {
      let cells = [
        "\(probe.number)", SearchSection.number(probe.value),
        MarkdownText.escape(probe.verdict + (probe.reason.isEmpty ? "" : ": \(probe.reason)")),
        probe.acceptedPerS.map(SearchSection.number) ?? "",
        probe.throttleRatio.map { NumberFormat.percent($0) } ?? "",
        probe.responseP99.map(SearchSection.number) ?? "",
      ]
      text += "| " + cells.joined(separator: " | ") + " |\n"
    }
    return text
  }
}
