import Observations
import RunResults

/// What reading the stream back found.
enum VerificationSection {
  /// The section, or nothing for a run whose stream was not read.
  static func markup(_ found: VerificationCounts?, _ shards: [VerificationShard]) -> Markup {
    guard let found else { return "" }
    var section = PageSection(title: "Read back", findings: [Findings.verification(found)], figureClasses: "two")
    section.notes = [
      "Key and data of each record were compared with what the plan sent. Reordered: a later record of the same key stands before it (RFC 4737)."
    ]
    if !shards.isEmpty {
      return section.markup("<div>\(counts(found))</div><div>\(table(shards))</div>")
    }
    return section.markup("<div>\(counts(found))</div>")
  }

  private static func counts(_ found: VerificationCounts) -> Markup {
    var rows = Markup()
    for row in VerificationText.rows(found) {
      let style: Markup = row.isBad && row.count != 0 ? "n bad" : "n"
      let count: Markup = row.count.map { "\(count: $0)" } ?? "–"
      rows += """
        <tr><th scope="row">\(row.name)</th><td class="\(style)">\(count)</td><td class="mu">\(row.note)</td></tr>
        """
    }
    return """
      <table aria-label="Records read back"><thead><tr><th scope="col">records</th><th scope="col" class="n">count</th>\
      <th scope="col">of what</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  /// A row for each shard that was read, at most so many; `verification.json` has them all.
  private static let mostShards = 40

  private static func table(_ shards: [VerificationShard]) -> Markup {
    var rows = Markup()
    for shard in shards.prefix(mostShards) {
      let parents = shard.parents.joined(separator: ", ")
      rows += """
        <tr><th scope="row" class="mono">\(shard.id)</th><td class="mono mu">\(parents)</td><td class="n">\(count: shard.read)</td>\
        <td class="n">\(count: shard.found)</td><td class="n">\(count: shard.copies)</td><td class="n">\(count: shard.reordered)</td></tr>
        """
    }
    let more: Markup =
      shards.count > mostShards ? "<p class=\"mu\">\(shards.count - mostShards) more are in verification.json.</p>" : ""
    return """
      <table aria-label="Shards read back"><thead><tr><th scope="col">shard</th><th scope="col">parents</th>\
      <th scope="col" class="n">read</th><th scope="col" class="n">found</th><th scope="col" class="n">copies</th>\
      <th scope="col" class="n">reordered</th></tr></thead><tbody>\(rows)</tbody></table>\(more)
      """
  }
}
