import Measurement
import StrictJSON

/// `search`: how the highest load that passes is looked for, or the lowest of something.
package struct SearchRule: Hashable, Sendable {
  /// What is varied; the raw values are the scenario's words.
  package enum Variable: String, CaseIterable, Sendable {
    /// Every rate by one factor; a value is the mean over the measured time, records/s.
    case rate
    /// `client.connections`, and `client.maxInFlight` by the same factor.
    case connections
    case batchRecords = "batch.records"

    /// The values there are.
    package var range: ClosedRange<Double> {
      switch self {
      case .rate: 0.001...1e9
      case .connections: 1...10_000
      case .batchRecords: 1...500
      }
    }

    /// What values are counted in.
    package var unit: String {
      switch self {
      case .rate: "records/s"
      case .connections: "connections"
      case .batchRecords: "records a batch"
      }
    }
  }

  package var vary = Variable.rate
  /// Whether the highest value that passes is looked for, or the lowest.
  package var isHighest = true
  /// The first value; `nil`: whoever searches chooses it.
  package var from: Double?
  /// These values and no others.
  package var values: [Double]?
  /// From one value to the next until one passes and one fails, above 1.
  package var factor = 2.0
  /// How close the two must come, above 0.
  package var tolerance = 0.02
  /// How long a value is held, over the measured phases.
  package var probe = Nanoseconds.seconds(20)
  /// The pause between two probes.
  package var cooldown = Nanoseconds.seconds(5)

  /// The highest rate within 2 %, 20 s a probe.
  package init() {}

  /// Reads `search`, whose fields are checked already each by itself; absent, it is the usual one.
  ///
  /// - Throws: `JSONFailure` for a value that what is varied cannot have, and for a list beside `from`.
  init(_ node: ResolvedNode) throws(JSONFailure) {
    self.init()
    guard let given = node.present else { return }
    vary = Variable(rawValue: given["vary"].text) ?? .rate
    isHighest = given["find"].text == "highest"
    func value(_ node: ResolvedNode) throws(JSONFailure) -> Double {
      let number = node.double
      guard vary.range.contains(number), vary == .rate || number == number.rounded() else {
        let kind = vary == .rate ? "a rate" : "a whole number of \(vary.unit)"
        throw node.node.failure(
          expected:
            "\(kind) from \(JSONNumberText.text(of: vary.range.lowerBound)) to \(JSONNumberText.text(of: vary.range.upperBound))"
        )
      }
      return number
    }
    if let list = given["values"].present {
      if let from = given["from"].present { throw from.node.failure(expected: "no \"from\" beside \"values\"") }
      var found: [Double] = []
      for element in list.elements { found.append(try value(element)) }
      values = found
    }
    if let node = given["from"].present { from = try value(node) }
    factor = given["factor"].double
    tolerance = given["tolerance"].double
    probe = given["probe"].duration
    cooldown = given["cooldown"].duration
  }
}
