import Glibc
import Kinesis
import LocalKinesis
import Observations
import RunResults
import Scenarios

/// How much the embedded target keeps for `--read-back`: half of the machine's memory, used only as far as records come.
enum RetainedMemory {
  /// What it is told to keep, in bytes: the scenario's own word where that is more.
  static func bytes(_ scenario: Scenario) -> Int {
    max(scenario.embedded.retainedBytes, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 2)
  }

  /// The bound in words.
  static func bound(_ scenario: Scenario) -> String {
    "at most \(bytes(scenario) >> 20) MiB, half of this machine's memory, unless embedded.retain says more"
  }

  /// Refuses a plan whose records cannot all be kept, as far as that is known before.
  ///
  /// - Throws: `CommandFailure` 2.
  static func check(_ plan: Plan) throws {
    var needed = 0.0
    for (number, phase) in plan.phases.enumerated() {
      guard case .open(let count) = phase.loop else { continue }
      needed += Double(count) * (plan.meanBytes(ofPhase: number) + Double(RetainedRecord.overheadBytes))
    }
    guard needed > Double(bytes(plan.scenario)) else { return }
    throw CommandFailure(
      "--read-back: the embedded target would need \(Int(needed) >> 20) MiB to keep this plan's records, and keeps "
        + bound(plan.scenario), code: .usage)
  }

  /// Whether records may be missing because they were not kept: only a closed phase can send so many unforeseen.
  static func isExceeded(_ plan: Plan, _ found: Verification) -> Bool {
    let mean = plan.phases.indices.map { plan.meanBytes(ofPhase: $0) }.max() ?? 0
    let kept = Double(found.records.accepted + found.records.unknown) * (mean + Double(RetainedRecord.overheadBytes))
    return found.records.missing > 0 && kept > Double(bytes(plan.scenario))
  }
}
