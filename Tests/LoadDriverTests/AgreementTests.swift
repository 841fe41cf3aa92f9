import Foundation
import Kinesis
import Observations
import RunResults
import Scenarios
import Synchronization
import Testing

@testable import LoadDriver

/// What is planned is what is sent, record by record and batch by batch.
@Suite("Plan and run agree")
struct AgreementTests {
  private static let scenarios = 200
  /// Runs wait most of their time: several go on at once.
  private static let lanes = 6

  /// 200 random scenarios, each run by 1, 2 and 3 workers: the target finds the plan's keys, places, sizes and data, and
  /// the plan's batches, whoever sent them. Batches are the plan's own even where the worker was late: what is late is
  /// sent later, not otherwise.
  @Test func recordByRecordOnAnyNumberOfWorkers() throws {
    var random = RandomScenarios(seed: 20_260_314)
    let plans = try (0..<Self.scenarios).map { _ in Plan(try random.next()) }
    let target = RecordingTarget()
    let next = Atomic<Int>(0)
    let records = Atomic<Int>(0)
    try target.serving { port in
      let group = DispatchGroup()
      for lane in 0..<Self.lanes {
        DispatchQueue(label: "agreement.\(lane)").async(group: group) {
          while true {
            let number = next.add(1, ordering: .relaxed).oldValue
            guard number < plans.count else { return }
            do {
              try Self.check(plans[number], number: number, port: port, target: target)
            } catch {
              Issue.record("scenario \(number): \(error)")
            }
            records.add(Self.planned(plans[number]), ordering: .relaxed)
          }
        }
      }
      group.wait()
    }
    // The proof is worth something: there were many records, of every type of the language.
    #expect(records.load(ordering: .relaxed) > 5_000)
    #expect(plans.contains { $0.scenario.trace != nil } && plans.contains { !$0.isRoutedByKey })
    #expect(plans.contains { $0.phases.count == 3 } && plans.contains { $0.scenario.hasIdentity })
    #expect(plans.count { $0.scenario.client.payloadPool > 0 } > 10)
  }

  private static func planned(_ plan: Plan) -> Int {
    plan.phases.reduce(0) { sum, phase in
      if case .open(let count) = phase.loop { sum + Int(count) } else { sum }
    }
  }

  private static func check(_ plan: Plan, number: Int, port: UInt16, target: RecordingTarget) throws {
    let planned = SocketRun.batches(of: plan)
    #expect(planned.reduce(0) { $0 + $1.count } == Self.planned(plan))
    let inOrder = planned.sorted { $0.lexicographicallyPrecedes($1) }
    for workers in 1...3 {
      let stream = "s\(number)-\(workers)"
      let (_, counts) = try SocketRun.run(plan, port: port, stream: stream, workers: workers)
      let seen = target.requests(of: stream).sorted { $0.lexicographicallyPrecedes($1) }
      if seen != inOrder {
        let isSame = seen.flatMap(\.self).sorted() == inOrder.flatMap(\.self).sorted()
        Issue.record(
          "scenario \(number), \(workers) workers: \(isSame ? "other batches" : "other records") than planned: \(seen.count) of \(inOrder.count)"
        )
      }
      #expect(counts.reduce(0) { $0 + $1.traffic.accepted } == Self.planned(plan))
    }
  }
}
