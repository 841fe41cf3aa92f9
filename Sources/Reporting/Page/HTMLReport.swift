import RunResults

/// The report as one self-contained HTML file.
///
/// A pure function of the run: no clock, no machine, no random ids; the same folder gives the same bytes. It asks nothing
/// of any network, is complete with scripts off, and lets no script run but its own.
package enum HTMLReport {
  /// The page of a run.
  ///
  /// - Complexity: linear in the rows of the result folder.
  package static func page(_ run: LoadedRun) -> String {
    let facts = RunFacts(run)
    let verdict = facts.verdict
    var page: Markup = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">\
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'sha256-\(PageScript.digest)'; base-uri 'none'; form-action 'none'">\
      <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">\
      <title>\(BannerSection.sign(verdict)) \(verdict.rawValue.uppercased()) · \(facts.name) · shardmeter</title><style>
      \(Markup(trusted: StyleSheet.text))</style></head><body>

      """
    page += BannerSection.header(facts)
    page += "<main>\n"
    page += BannerSection.verdict(facts)
    page += BannerSection.numbers(facts)
    page += LoadSection.markup(facts)
    page += HeatSection.markup(facts)
    page += ResponseSection.markup(facts)
    page += GeneratorSection.markup(facts)
    page += PhaseSection.markup(facts)
    page += HashSection.markup(facts)
    page += ShardsSection.markup(facts)
    page += SpectrumSection.markup(facts)
    page += AnswersSection.markup(facts)
    page += VerificationSection.markup(facts)
    page += ProvenanceSection.markup(facts)
    page += """
      </main><footer>Made by shardmeter \(facts.summary.tool.version). One file, no network, complete with scripts off.</footer>
      <div id="ro" class="mono" aria-hidden="true"></div>
      <script type="application/json" id="series">\(Markup(trusted: HoverData.json(facts)))</script>
      <script>\(Markup(trusted: PageScript.text))</script></body></html>

      """
    return page.text
  }
}
