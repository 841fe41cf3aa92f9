import LoadDriver
import RunResults
import Scenarios
import StreamAccess
import Transport

/// Shows what would be loaded where the target is not this machine, and asks; the rules are `RemoteSafety`'s.
enum RemoteConsent {
  /// Lets loopback targets pass.
  ///
  /// - Throws: `CommandFailure` 2 where an option is missing or the answer is no, 6 where the target does not answer.
  static func check(
    _ permission: RemoteSafety.Permission, load: @autoclosure () -> RemoteSafety.Load, target: RunTarget,
    control: StreamControl<some ControlCalls>, context: Context
  ) throws {
    guard !target.isLoopback else { return }
    let safety = RemoteSafety(
      url: target.shownURL, permission: permission, isTerminal: context.standardError.isTerminal)
    if let objection = safety.objection { throw CommandFailure(objection, code: .usage) }
    var existing: RemoteSafety.Existing?
    if !permission.creates {
      do {
        let summary = try control.summary()
        existing = RemoteSafety.Existing(arn: summary.arn, status: summary.status, openShards: summary.openShards)
      } catch {
        throw CommandFailure(
          "target \(target.shownAddress), stream \(permission.stream ?? ""): \(error)", code: .unreachable)
      }
    }
    context.standardError.writeLine(safety.notice(existing: existing, load: load()))
    if permission.saysYes { return }
    context.standardError.write("Go on? [y/N] ")
    guard let answer = Swift.readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw CommandFailure("stopped before anything was sent", code: .usage)
    }
  }
}

extension RemoteSafety.Load {
  /// What a plan sends unless a bound stops it.
  init(_ plan: Plan, maximumRecords: UInt64?, maximumBytes: UInt64?, charge: RunCharge? = nil) {
    self.init(
      records: plan.phases.indices.reduce(0) { $0 + plan.plannedRecords(in: $1, before: plan.duration) },
      bytes: plan.expectedBytes, duration: plan.duration,
      isUnbounded: plan.phases.contains { $0.loop == .closed }, maximumRecords: maximumRecords,
      maximumBytes: maximumBytes, charge: charge)
  }
}
