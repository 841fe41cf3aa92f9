import Kinesis
import LocalKinesis
import Scenarios
import StrictJSON

/// The admin endpoint's answers, without sockets: reads and changes faults, latency and capacity of a target that runs, shows
/// what it has done, and lets it begin anew.
struct AdminAPI: Sendable {
  /// An answer: always JSON.
  struct Answer: Sendable, Equatable {
    var status: Int
    var body: JSONValue
  }

  /// The resource of the settings.
  static let path = "/settings"
  /// The resources and what each takes.
  private static let resources = [
    (path, ["GET", "PUT", "PATCH", "DELETE"]), ("/healthz", ["GET"]), ("/report", ["GET"]), ("/reset", ["POST"]),
  ]

  /// What the target goes by.
  let control: BehaviourControl
  /// What the target's options said.
  let initial: EndpointSettings
  /// What the target has done.
  let counts: TargetCounts

  /// Answers one request.
  ///
  /// `GET` shows the settings, `PATCH` changes the members it is given, `PUT` also takes away those it is not given,
  /// `DELETE` goes back to the options. A refused document changes nothing. `POST /reset` is as a new start.
  func answer(method: String, path: String, body: [UInt8]) -> Answer {
    guard let (_, methods) = Self.resources.first(where: { $0.0 == path }) else {
      return Self.refusal(404, "no such resource: this serves \(Self.resources.map(\.0).joined(separator: ", "))")
    }
    guard methods.contains(method) else {
      return Self.refusal(405, "\(path) takes \(methods.joined(separator: ", "))")
    }
    switch path {
    case "/healthz": return Answer(status: 200, body: .object([("status", .string("serving"))]))
    case "/report": return Answer(status: 200, body: counts.values.json)
    case "/reset":
      control.reset(to: initial)
      counts.reset()
      return Answer(status: 200, body: counts.values.json)
    default: return settings(method, body)
    }
  }

  private func settings(_ method: String, _ body: [UInt8]) -> Answer {
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
    default:
      return Answer(status: 200, body: control.change { $0 = initial }.changeableJSON)
    }
  }

  /// An error as the API words it.
  static func refusal(_ status: Int, _ text: String) -> Answer {
    Answer(status: status, body: .object([("error", .string(text))]))
  }
}

extension TargetCounts.Values {
  /// As `/report` shows it: streams in the order of their names.
  fileprivate var json: JSONValue {
    let streams = puts.sorted { $0.key < $1.key }.map { name, puts -> JSONValue in
      .object([
        ("stream", .string(name)), ("requests", .integer(Int64(puts.requests))),
        ("accepted_records", .integer(Int64(puts.accepted))), ("throttled_records", .integer(Int64(puts.throttled))),
        ("fault_records", .integer(Int64(puts.failed))),
      ])
    }
    return .object([
      ("streams", .array(streams)), ("get_caller_identity", .integer(Int64(identities))),
      ("put_metric_data", .integer(Int64(metrics))),
    ])
  }
}
