/// Whether the load was what the scenario asked for.
package enum GeneratorVerdict: String, Sendable, CaseIterable {
  /// The generator kept up.
  case valid
  /// The generator itself was the bottleneck in at least 5 % of the measured seconds.
  case generatorBound = "generator-bound"
  /// The cap on requests in flight held the load back because the target was slow.
  case capped
}
