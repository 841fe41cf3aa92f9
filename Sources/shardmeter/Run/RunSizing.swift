import Kinesis
import Observations
import RunResults
import Scenarios
import Sizing

/// `run --size`: what the model says of the plan that was driven, on its own shards and on others, for the run's report.
enum RunSizing {
  /// The region of printed commands where the target has told none.
  private static let region = SizeOptions.defaultRegion

  /// The answer for a plan, with the names of its keys as they are: they were sent.
  ///
  /// - Throws: `StudyFailure` for a plan that cannot be sized.
  static func document(
    _ plan: Plan, names: KeyNames, stream: String, region: String?
  ) throws(StudyFailure) -> SizingDocument {
    let question = SizingStudy.Question(
      goals: plan.scenario.sizing, stream: stream, region: region ?? Self.region, takesNamesAsTheyAre: true)
    return try SizingStudy(plan, question, names: names) { _ in nil }.document()
  }

  /// A run's throttling beside the model's, shard by shard.
  ///
  /// - Parameters:
  ///   - plan: what was driven.
  ///   - map: the shards that the model takes.
  ///   - rows: the run's `shards.csv`.
  static func measurement(
    _ plan: Plan, on map: ShardMap, _ summary: Summary, _ rows: [ShardRow]
  ) -> SizingDocument.Measurement {
    let scenario = plan.scenario
    let model = VirtualRun.outcome(
      of: KeyDraw(plan), on: map, rule: scenario.stream.limits.rule, latency: scenario.embedded.latency)
    var measurement = SizingDocument.Measurement()
    measurement.shards = map.count
    measurement.target = summary.target.endpoint
    measurement.modelRatio = model.total.throttleRatio ?? 0
    measurement.measuredRatio = summary.rates.throttleRatio
    measurement.rows = zip(model.shards, rows).enumerated().map { index, pair in
      .init(
        shard: index, attempted: pair.1.traffic.attempted, modelAttempted: pair.0.attempted,
        modelRatio: pair.0.throttleRatio, measuredRatio: pair.1.throttleRatio)
    }
    measurement.causes = causes(summary, rows: rows.count, shards: map.count)
    let (embedded, assumed) = (scenario.embedded.limits.name, scenario.stream.limits.name)
    if summary.target.kind == "embedded", embedded != assumed {
      measurement.causes.append("the embedded target has the limits \(embedded), the model \(assumed)")
    }
    return measurement
  }

  /// What is known to make a run differ from the model.
  private static func causes(_ summary: Summary, rows: Int, shards: Int) -> [String] {
    var causes: [String] = []
    if rows != shards { causes.append("the stream has \(rows) shards") }
    if let validity = summary.validity, validity != GeneratorVerdict.valid.rawValue {
      causes.append("the generator was \(validity): it sent later than the plan says")
    }
    if !summary.complete { causes.append("the run was not complete") }
    let faults = summary.records.traffic.fault
    if faults > 0 { causes.append("\(faults) tries failed otherwise") }
    if summary.target.kind != "embedded" {
      causes.append("the target has its own answer times and limits; the model takes those of the scenario")
    }
    return causes
  }
}
