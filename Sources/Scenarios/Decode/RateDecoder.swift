import Measurement
import StrictJSON

/// Reads `phases[].rate`.
enum RateDecoder {
  /// The rate, and whether its numbers are bytes per second.
  static func rate(_ node: ResolvedNode) throws(JSONFailure) -> (rate: RateRule, isInBytes: Bool) {
    if node.type == "max" { return (.max, false) }
    var isInBytes = node["unit"].text == "bytes"
    func number(_ value: ResolvedNode) throws(JSONFailure) -> Double {
      if case .size = value.value, !isInBytes {
        throw value.node.failure(
          expected: "a number of records per second (for bytes per second: \"unit\": \"bytes\")")
      }
      return value.double
    }
    switch node.type {
    case "line":
      return (.line(from: try number(node["from"]), to: try number(node["to"])), isInBytes)
    case "steps":
      var values: [Double] = []
      for value in node["values"].elements { values.append(try number(value)) }
      return (.steps(values: values, each: node["each"].duration.value), isInBytes)
    case "sine":
      let mean = try number(node["mean"])
      let amplitude = try number(node["amplitude"])
      guard amplitude <= mean else {
        throw node["amplitude"].node.failure(expected: "at most the mean, so that the rate never falls below zero")
      }
      return (.sine(mean: mean, amplitude: amplitude, period: node["period"].duration.value), isInBytes)
    case "square":
      return (
        .square(
          low: try number(node["low"]), high: try number(node["high"]), period: node["period"].duration.value,
          duty: node["duty"].double), isInBytes
      )
    default:
      switch (node["records"].present, node["bytes"].present) {
      case (let records?, nil):
        return (.constant(try number(records)), isInBytes)
      case (nil, let bytes?):
        isInBytes = true
        return (.constant(try number(bytes)), isInBytes)
      case (nil, nil):
        throw node.node.failure(expected: "\"records\" or \"bytes\"", found: "neither")
      case (_?, let bytes?):
        throw bytes.node.failure(expected: "either \"records\" or \"bytes\"", found: "both")
      }
    }
  }
}
