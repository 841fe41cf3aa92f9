import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON

/// Writes a plan as a trace: one CSV row a record in the order they come due.
enum TraceWriter {
  /// Rows are handed to the file in pieces of about this many bytes.
  private static let piece = 1 << 16

  /// Writes a new file; memory does not grow with the plan.
  ///
  /// - Throws: `CommandFailure` 2 for a file that is there already or cannot be made, and for a closed phase, whose
  ///   records have no times; 1 when the disk takes no more.
  static func write(_ plan: Plan, names: KeyNames, to path: String) throws {
    let file = try FileSink(creating: path)
    defer { file.close() }
    try rows(of: plan, names: names) { try file.write($0) }
  }

  /// The header and the rows, in pieces.
  ///
  /// `t_s` counts from the start of the run, exact to the nanosecond. The column is `key` or, by `--keys hash`, `hash`.
  static func rows(of plan: Plan, names: KeyNames, _ take: ([UInt8]) throws -> Void) throws {
    if let phase = plan.phases.first(where: { $0.loop == .closed }) {
      throw CommandFailure(
        "--record: phase \(JSONNode.quoted(phase.name)) has the rate max: its records have no time before they are sent",
        code: .usage)
    }
    let hasHashKeys = !plan.isRoutedByKey
    let isHashed = names.mode != .show
    var bytes = Array("t_s,\(isHashed ? "hash" : "key"),size\(hasHashKeys ? ",explicit_hash_key" : "")\n".utf8)
    for phase in plan.phases.indices {
      var records = plan.records(ofPhase: phase)
      while let record = records.next() {
        DecimalText.append(record.due, decimals: 9, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        if isHashed {
          names.hash(record.key).appendCell(to: &bytes, decimals: 0)
        } else {
          String(decoding: names.bytes(record.key), as: UTF8.self).appendCell(to: &bytes, decimals: 0)
        }
        bytes.append(UInt8(ascii: ","))
        DecimalText.append(Int64(record.dataBytes), to: &bytes)
        if hasHashKeys {
          bytes.append(UInt8(ascii: ","))
          if let key = plan.explicitHashKey(of: record) { bytes.append(contentsOf: "\(key)".utf8) }
        }
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= piece {
          try take(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
      }
    }
    try take(bytes)
  }
}
