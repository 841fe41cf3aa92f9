import Measurement

/// What a run is, as far as results only hand it on.
package struct RunDescription: Sendable {
  /// The folder's name and the first column of every small file.
  package var runID: String
  /// The wall-clock time of the run's start: the first phase's, warm-up included.
  package var start: WallTime
  /// `nil` for a load that came from somebody else.
  package var scenario: SummaryScenario?
  package var tool: SummaryTool
  package var target: SummaryTarget
  package var machine: SummaryMachine?
  /// The resolved scenario's text, written as `scenario.json`; empty for none.
  package var scenarioFile: [UInt8]
  /// What the reader must know from before the run, such as a shard map that differs from the scenario's.
  package var warnings: [String]

  /// A run's description.
  package init(
    runID: String, start: WallTime, scenario: SummaryScenario? = nil, tool: SummaryTool = SummaryTool(),
    target: SummaryTarget = SummaryTarget(), machine: SummaryMachine? = nil, scenarioFile: [UInt8] = [],
    warnings: [String] = []
  ) {
    self.runID = runID
    self.start = start
    self.scenario = scenario
    self.tool = tool
    self.target = target
    self.machine = machine
    self.scenarioFile = scenarioFile
    self.warnings = warnings
  }
}
