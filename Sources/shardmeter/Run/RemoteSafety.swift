import Measurement
import Reporting
import Scenarios

/// What must be said before load goes anywhere but to this machine, as pure decisions: the stream by name, that a stream
/// which others may use is meant, and a yes.
struct RemoteSafety: Equatable {
  /// What the command line says of it.
  struct Permission: Sendable, Equatable {
    /// The stream, when it is named.
    var stream: String?
    /// Whether this run makes the stream.
    var creates = false
    /// `--existing-stream`.
    var allowsExisting = false
    /// `--yes`.
    var saysYes = false
  }

  /// The target's address, as it may be shown.
  let url: String
  let permission: Permission
  /// Whether somebody is there to be asked.
  let isTerminal: Bool

  /// Why nothing may be sent, nor anybody be asked about the stream; nil when only the yes is missing, if that.
  var objection: String? {
    guard let stream = permission.stream else { return "\(url) is not this machine: name the stream with --stream" }
    if !permission.creates, !permission.allowsExisting {
      return "stream \(stream) at \(url) is not one that this run creates: give --existing-stream if it may be loaded"
    }
    if !permission.saysYes, !isTerminal { return "nobody is there to be asked: give --yes to load \(url)" }
    return nil
  }

  /// What is known of a stream that is there already.
  struct Existing: Equatable {
    let arn: String
    let status: String
    let openShards: Int
  }

  /// What will be sent, as far as the plan tells.
  struct Load: Equatable {
    /// Records of the phases that have a rate.
    let records: UInt64
    /// Their data and keys, on the average.
    let bytes: Double
    /// The whole plan's length.
    let duration: Nanoseconds
    /// Whether a phase sends as fast as the target answers.
    let isUnbounded: Bool
    /// `--max-records`.
    let maximumRecords: UInt64?
    /// `--max-bytes`.
    let maximumBytes: UInt64?
    /// What it costs, as far as prices tell; nil without any.
    var charge: RunCharge?
  }

  /// The sentence a person says yes or no to.
  func notice(existing: Existing?, load: Load) -> String {
    var text = "About to load stream \(permission.stream ?? "") at \(url)"
    if let existing {
      text +=
        " (\(existing.arn), \(existing.status), \(existing.openShards) open \(existing.openShards == 1 ? "shard" : "shards"))"
    } else if permission.creates {
      text += ", which this run creates"
    }
    text += ": "
    if load.records > 0 {
      text += "\(load.records) records, about \(Self.size(load.bytes)) of data and keys, first tries"
    }
    if load.isUnbounded {
      text += load.records > 0 ? ", and beyond that " : ""
      text += "as many as the target answers"
    }
    text += ", in \(UnitText.duration(load.duration.value))"
    switch (load.maximumRecords, load.maximumBytes) {
    case (let records?, let bytes?):
      text += "; it stops at \(records) records or \(Self.size(Double(bytes))), retries included"
    case (let records?, nil): text += "; it stops at \(records) records, retries included"
    case (nil, let bytes?): text += "; it stops at \(Self.size(Double(bytes))), retries included"
    case (nil, nil): text += "; retries come on top (--max-records and --max-bytes bound them)"
    }
    if let charge = load.charge { text += "; \(charge.text(load, shards: existing?.openShards))" }
    return text + "."
  }

  private static func size(_ bytes: Double) -> String {
    bytes < Double(1 << 20)
      ? "\(NumberFormat.fixed(bytes / 1024, 1)) KiB" : "\(NumberFormat.fixed(bytes / Double(1 << 20), 1)) MiB"
  }
}
