import Kinesis
import LocalKinesis
import Scenarios
import StrictJSON

/// The admin endpoint's answers, without sockets: reads and changes faults, latency and capacity of a target that runs.
struct AdminAPI: Sendable {
  /// An answer: always JSON.
  struct Answer: Sendable, Equatable {
    var status: Int
    var body: JSONValue
  }

  /// The one resource.
  static let path = "/settings"
  private static let methods = ["GET", "PUT", "PATCH", "DELETE"]

  /// What the target goes by.
  let control: BehaviourControl
  /// What the target's options said.
  let initial: EndpointSettings

  /// Answers one request.
  ///
  /// `GET` shows the settings, `PATCH` changes the members it is given, `PUT` also takes away those it is not given,
  /// `DELETE` goes back to the options. A refused document changes nothing.
  func answer(method: String, path: String, body: [UInt8]) -> Answer {
    guard path == Self.path else { return Self.refusal(404, "no such resource: this serves \(Self.path)") }
    switch method {
    case "GET":
      return Answer(status: 200, body: control.settings.changeableJSON)
    case "PATCH", "PUT":
      do throws(JSONFailure) {
        let document = try JSONDocument.parse(body, source: "body")
        let changed = try control.change { (settings: inout EndpointSettings) throws(JSONFailure) in
          if method == "PUT" { settings = EndpointSettings() }
          try EndpointDecoder.change(&settings, by: document)
        }
        return Answer(status: 200, body: changed.changeableJSON)
      } catch {
        return Self.refusal(400, error.description)
      }
    case "DELETE":
      return Answer(status: 200, body: control.change { $0 = initial }.changeableJSON)
    default:
      return Self.refusal(405, "\(Self.path) takes \(Self.methods.joined(separator: ", "))")
    }
  }

  /// An error as the API words it.
  static func refusal(_ status: Int, _ text: String) -> Answer {
    Answer(status: status, body: .object([("error", .string(text))]))
  }
}
