import Observations
import RunResults

/// What a verification says on a terminal: ASCII, never wider than 80 columns, the verdict last.
package enum VerificationText {
  /// Counts and verdict, each line with its end.
  package static func table(_ found: VerificationCounts, colour: Bool) -> String {
    (lines(found) + [TerminalLine(), last(found)]).map { text($0, colour) }.joined()
  }

  /// The verdict alone.
  package static func verdict(_ found: VerificationCounts, colour: Bool) -> String { text(last(found), colour) }

  /// The counts: what accepted records became, then whatever else was met.
  static func lines(_ found: VerificationCounts) -> [TerminalLine] {
    var lines = [
      TerminalLine(
        "read back  \(NumberFormat.count(found.read, "record")) from \(NumberFormat.count(found.shards, "shard"))")
    ]
    for (index, row) in rows(found).enumerated() where index < 4 || row.count != 0 {
      let count = row.count.map { "\($0)" } ?? "-"
      let isBad = row.isBad && row.count != 0
      lines.append(
        TerminalLine(
          "  " + row.name + String(repeating: " ", count: max(1, 20 - row.name.count))
            + String(repeating: " ", count: max(0, 12 - count.count)) + count
            + (row.note.isEmpty ? "" : "  (\(row.note))"), isBad ? .red : .plain))
    }
    return lines
  }

  /// A count with its name and what it means.
  struct Row {
    let name: String
    /// Nil: could not be judged.
    let count: Int?
    let note: String
    /// Whether any of these fails the verification.
    var isBad = false
  }

  /// Every count, the four of accepted records first.
  static func rows(_ found: VerificationCounts) -> [Row] {
    let order =
      found.reordered == nil
      ? "records are placed by explicit hash keys" : "of \(found.orderJudged) judged within their key"
    return [
      Row(name: "found", count: found.found, note: "of \(found.accepted) accepted"),
      Row(name: "missing", count: found.missing, note: "accepted, and not there", isBad: true),
      Row(
        name: "duplicated", count: found.duplicated,
        note: "\(found.duplicatedUnexplained) of them without an unknown try"),
      Row(name: "reordered", count: found.reordered, note: order),
      Row(
        name: "unknown, found", count: found.unknownFound, note: "of \(found.unknown) without an answer"),
      Row(name: "refused, found", count: found.refusedFound, note: "refused or never sent, and yet there"),
      Row(name: "altered", count: found.altered, note: "key or data differ from what was sent", isBad: true),
      Row(name: "earlier", count: found.earlier, note: "arrived before the run began"),
      Row(name: "foreign", count: found.foreign, note: "not of this plan"),
    ]
  }

  private static func last(_ found: VerificationCounts) -> TerminalLine {
    var line = found.passed ? TerminalLine("VERIFIED", .green) : TerminalLine("FAIL", .red)
    line.add(": " + lowered(Findings.verification(found, isBrief: true).plain))
    return line
  }

  private static func lowered(_ sentence: String) -> String {
    let lower = sentence.prefix(1).lowercased() + sentence.dropFirst()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }

  private static func text(_ line: TerminalLine, _ colour: Bool) -> String {
    line.text(columns: TerminalText.widest, colour: colour) + "\n"
  }
}
