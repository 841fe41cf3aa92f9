import Measurement
import Observations
import RunResults
import Scenarios
import Sizing
import Transport

/// What `size` costs: 1 to 256 shards, 20 draws of the names of 100,000 keys, 60 s of 10,000 records/s, all of it on one
/// core: sweep, engine at the answer, other limits, and what would help.
enum SizingSweep {
  /// The keys of the rows.
  private static let laws = [
    ("uniform", #"{"type": "uniform", "cardinality": 100000}"#),
    ("zipf 0.99", #"{"type": "zipf", "exponent": 0.99, "cardinality": 100000}"#),
  ]
  private static let sizes = [
    ("100 B", #""100B""#), ("lognormal", #"{"type": "lognormal", "median": "700B", "p99": "8KiB", "max": "64KiB"}"#),
  ]

  static func measure() throws {
    print("keys\tsizes\tanswer\tCPU s")
    for (law, key) in laws {
      for (name, size) in sizes {
        let text = """
          {"schema": "shardmeter/1", "name": "sizing", "stream": {"shards": 12}, "records": {"size": \(size), "key": \(key)},
           "phases": [{"name": "steady", "duration": "60s", "rate": 10000}]}
          """
        let began = ProcessUsage.threadTime()
        let plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "sizing"))
        let names = KeyNames(mode: .show, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
        let study = try SizingStudy(
          plan, .init(goals: .standard, stream: "orders", region: "us-east-1"), names: names
        ) { settings in
          (try? Scenario.load(
            bytes: Array(text.utf8), source: "sizing", overrides: settings.map { try SetOption($0) })).map { Plan($0) }
        }
        let answer = study.document().recommended
        let spent = (ProcessUsage.threadTime() - began).seconds
        print("\(law)\t\(name)\t\(answer.map(String.init) ?? "none")\t\((spent * 100).rounded() / 100)")
      }
    }
  }
}
