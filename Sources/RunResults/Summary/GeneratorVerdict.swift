/// What a result folder holds.
package enum ResultKind: String, Sendable, CaseIterable {
  case run, observe, plan, size, search, ab, compare, audit, merge
}

/// Who saw what a summary tells.
package enum ResultSide: String, Sendable, CaseIterable {
  /// The one that sent, by a plan.
  case driver
  /// The one that answered somebody else's requests.
  case target
}

/// Whether the load was what the scenario asked for.
package enum GeneratorVerdict: String, Sendable, CaseIterable {
  /// The generator kept up.
  case valid
  /// The generator itself was the bottleneck in at least 5 % of the measured seconds.
  case generatorBound = "generator-bound"
  /// The cap on requests in flight held the load back because the target was slow.
  case capped
}
