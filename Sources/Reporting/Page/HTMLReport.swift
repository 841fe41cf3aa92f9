import Observations
import RunResults

/// The report on a run as one self-contained HTML file.
///
/// A pure function of the run: no clock, no machine, no random ids; the same folder gives the same bytes.
package enum HTMLReport {
  /// The page of a run.
  ///
  /// - Complexity: linear in the rows of the result folder.
  package static func page(_ loaded: LoadedRun) -> String {
    let facts = RunFacts(loaded)
    let run = facts.run
    let (time, shards) = (facts.time, facts.shards)
    let limits = ThresholdText.responseLimits(facts.summary.thresholds)
    let verdict = "\(BannerSection.sign(facts.verdict)) \(facts.verdict.word)"
    var page = Page(
      title: "\(verdict) · \(facts.name)", name: facts.name, about: BannerSection.about(facts),
      origin: BannerSection.origin(facts), version: facts.summary.tool.version)
    page.parts = [
      BannerSection.verdict(facts),
      BannerSection.numbers(facts),
      ProducerSection.markup(facts),
      LoadSection.markup(
        time, shards, facts.total, slack: facts.generator.batchSeconds, isObserved: facts.isObserved),
      HeatSection.markup(time, shards),
    ]
    if !facts.isObserved {
      page.parts += [
        ResponseSection.markup(time, limits),
        GeneratorSection.markup(time, facts.generator),
        PhaseSection.markup(run.phases ?? [], drain: facts.drain, throttleLimit: shards.throttleLimit),
      ]
    }
    page.parts += [
      HashSection.markup(shards, run.keys ?? []),
      ShardsSection.markup(time.frame, shards, seconds: facts.measuredSeconds),
      SizingSection.inReport(run),
      SpectrumSection.markup(run.latency ?? [], means: facts.summary.latencyMs, total: facts.total, limits),
      ComparisonSection.againstBaseline(facts.summary.comparison),
      facts.isObserved
        ? "" : AnswersSection.markup(facts.total, facts.summary.requests, run.errors ?? [], shards.rows),
      VerificationSection.markup(facts.summary.verification, run.verification?.shards ?? []),
      ProvenanceSection.markup(run.summary, warmUpSeconds: time.warmUpSeconds),
    ]
    page.cursor = CursorData(time, shards)
    return page.html
  }
}
