/// The files that a scenario names: traces and payloads. This module reads no file itself.
package protocol ScenarioFiles {
  /// Reads a file from its start, piece by piece; one whose name ends in `.gz` decompressed.
  ///
  /// - Parameters:
  ///   - path: as written in the scenario, relative to the scenario's own place.
  ///   - take: gets each piece, valid during the call; `false` ends the reading.
  /// - Throws: ``ScenarioFileFailure`` when it cannot be read to its end.
  func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure)
}

/// Why a file that a scenario names cannot be read.
package struct ScenarioFileFailure: Error, Hashable, Sendable {
  /// Completes "found …": `no file traces/monday.csv`.
  package let found: String

  /// A failure in words.
  package init(found: String) { self.found = found }
}

/// No files at all: where a scenario stands for itself.
package struct NoScenarioFiles: ScenarioFiles {
  /// A place without files.
  package init() {}

  package func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure) {
    throw ScenarioFileFailure(found: "a place where no files are read")
  }
}
