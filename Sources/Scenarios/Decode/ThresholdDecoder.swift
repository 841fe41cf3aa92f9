import Measurement
import StrictJSON

/// Reads `thresholds`: of a scenario, and of a gate on what a target saw.
package enum ThresholdDecoder {
  /// All thresholds, checked against the metrics there are and the phases of the scenario.
  static func thresholds(_ list: ResolvedNode, phases: [PhaseRule]) throws(JSONFailure) -> [Threshold] {
    var thresholds: [Threshold] = []
    for node in list.elements {
      let metric = try metric(of: node, side: .driver)
      let phase = try phase(node["phase"].present, metric, phases, at: node)
      thresholds.append(try threshold(node, metric, phase: phase))
    }
    return thresholds
  }

  /// A gate: the bare list of thresholds, on metrics that a target can have.
  ///
  /// - Parameter source: the file's name, for messages.
  package static func gate(_ bytes: [UInt8], source: String) throws(JSONFailure) -> [Threshold] {
    let list = try ValueShape.list(.object(ScenarioLanguage.threshold), count: 1...100, noun: "thresholds").resolve(
      JSONDocument.parse(bytes, source: source))
    var thresholds: [Threshold] = []
    for node in list.elements {
      let metric = try metric(of: node, side: .target)
      if let phase = node["phase"].present {
        throw phase.node.failure(expected: "no \"phase\": what a target sees has none", found: "one")
      }
      if let abort = node["abort"].present {
        throw abort.node.failure(expected: "no \"abort\": a producer is judged when it has ended", found: "one")
      }
      thresholds.append(try threshold(node, metric, phase: nil))
    }
    return thresholds
  }

  /// The metric named, which that side can have.
  private static func metric(of node: ResolvedNode, side: MetricPlaces) throws(JSONFailure) -> Metric {
    let name = node["metric"].text
    let known = Metric.all.filter { $0.places.contains(side) }
    guard let metric = Metric(name: name) else {
      let kinds = LatencyKind.allCases.filter { Metric.latency($0, .p50).places.contains(side) }.map(\.rawValue)
      let statistics = LatencyStatistic.allCases.map(\.rawValue).joined(separator: "|")
      let others = known.filter { if case .latency = $0.formula { false } else { true } }.map(\.name)
      throw node["metric"].node.failure(
        expected: "a metric: (\(kinds.joined(separator: "|"))).(\(statistics)), \(others.joined(separator: ", "))",
        suggestion: nearestWord(to: name, in: known.map(\.name)))
    }
    guard metric.places.contains(side) else {
      throw node["metric"].node.failure(
        expected: side == .target ? "a metric that a target can judge" : "a metric that a run can judge",
        found: "\(name), which only \(side == .target ? "the sender" : "a target (shardmeter observe)") knows")
    }
    return metric
  }

  private static func threshold(
    _ node: ResolvedNode, _ metric: Metric, phase: String?
  ) throws(JSONFailure) -> Threshold {
    let name = metric.name
    let min = try node["min"].present.map { (bound) throws(JSONFailure) in try value(of: bound, metric) }
    let max = try node["max"].present.map { (bound) throws(JSONFailure) in try value(of: bound, metric) }
    if min == nil, max == nil { throw node.node.failure(expected: "\"max\" or \"min\"", found: "neither") }
    if let min, let max, min > max {
      throw node["min"].node.failure(expected: "at most the value of \"max\"")
    }
    let window = node["window"].present
    if let window, !metric.places.contains(.window) {
      throw window.node.failure(expected: "no window for \(name), which has a value for the whole time only")
    }
    if let per = node["per"].present, !metric.places.contains(.shard) {
      throw per.node.failure(expected: "no \"per\" for \(name), which is not known shard by shard")
    }
    if let abort = node["abort"].present, metric.places.contains(.readBack) {
      throw abort.node.failure(
        expected: "no \"abort\" for \(name), which is known when the stream was read back", found: "one")
    }
    return Threshold(
      metric: metric, min: min, max: max, phase: phase, perShard: node["per"].present != nil, window: window?.duration,
      minSamples: Int(node["minSamples"].integer), abortAfter: node["abort"].present?["after"].duration)
  }

  /// The phase named, which must exist, be measured, and have the metric.
  private static func phase(
    _ node: ResolvedNode?, _ metric: Metric, _ phases: [PhaseRule], at threshold: ResolvedNode
  ) throws(JSONFailure) -> String? {
    var judged = phases.filter(\.isMeasured)
    if let node {
      guard metric.places.contains(.phase) else {
        throw node.node.failure(expected: "no phase for \(metric.name), which is read back of the whole run")
      }
      guard let phase = phases.first(where: { $0.name == node.text }) else {
        let names = phases.map(\.name)
        throw node.node.failure(
          expected: "the name of a phase: \(names.joined(separator: ", "))",
          suggestion: nearestWord(to: node.text, in: names))
      }
      guard phase.isMeasured else {
        throw node.node.failure(
          expected: "a measured phase", found: "\(JSONNode.quoted(node.text)), which has \"measure\": false")
      }
      judged = [phase]
    }
    if judged.isEmpty {
      throw threshold.node.failure(expected: "a measured phase to judge", found: "only phases with \"measure\": false")
    }
    if case .latency(.response, _) = metric.formula,
      let closed = judged.first(where: { if case .max = $0.rate { true } else { false } })
    {
      throw threshold["metric"].node.failure(
        expected: "a metric that a phase of rate \"max\" has: its records are due when they can be sent, so response"
          + " times say nothing (use service, or name another phase)",
        found: "\(metric.name) over phase \(JSONNode.quoted(closed.name))")
    }
    return node?.text
  }

  /// A bound in the metric's unit: nanoseconds, a share, or a plain number.
  private static func value(of bound: ResolvedNode, _ metric: Metric) throws(JSONFailure) -> Double {
    var isPercent = false
    if case .string(let text) = bound.node.kind { isPercent = text.hasSuffix("%") }
    switch (metric.unit, bound.value) {
    case (.nanoseconds, .duration(let nanoseconds?)): return Double(nanoseconds)
    case (.nanoseconds, _): throw bound.node.failure(expected: "a duration like \"150ms\", as \(metric.name) is a time")
    case (.ratio, .number(let share)) where share <= 1: return share
    case (.ratio, _):
      throw bound.node.failure(
        expected: "a share from 0 to 1, or in per cent like \"1%\", as \(metric.name) is a ratio")
    case (.bytesPerSecond, .size(let bytes)): return Double(bytes)
    case (_, .number(let number)) where !isPercent: return number
    case (.bytesPerSecond, _):
      throw bound.node.failure(expected: "a number of bytes per second, or a size like \"4MiB\"")
    default: throw bound.node.failure(expected: "a number of \(metric.unit.rawValue)")
    }
  }
}
