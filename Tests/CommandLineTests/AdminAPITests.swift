import Kinesis
import LocalKinesis
import StrictJSON
import Testing

@testable import shardmeter

@Suite struct AdminAPITests {
  private static let initial = {
    var settings = EndpointSettings()
    settings.limits = .window
    settings.latency = .fixed(5_000_000)
    return settings
  }()

  private let api = AdminAPI(control: BehaviourControl(initial), initial: initial, counts: TargetCounts())

  private func call(_ method: String, _ body: String = "", path: String = "/settings") -> AdminAPI.Answer {
    api.answer(method: method, path: path, body: Array(body.utf8))
  }

  private func text(_ answer: AdminAPI.Answer) -> String { JSONWriter.compact(answer.body) }

  @Test func itShowsWhatIsInForce() {
    let answer = call("GET")
    #expect(answer.status == 200)
    #expect(
      text(answer)
        == #"{"latency":{"type":"fixed","value":"5ms"},"shardLatency":[],"faults":[],"capacity":null}"#)
  }

  @Test func aPatchChangesWhatItNames() {
    let answer = call("PATCH", #"{"capacity": {"records": 500}, "faults": [{"type": "500", "probability": "1%"}]}"#)
    #expect(answer.status == 200)
    #expect(api.control.settings.latency == .fixed(5_000_000))
    #expect(api.control.settings.capacityRecordsPerSecond == 500)
    #expect(api.control.settings.faults == [FaultRule(kind: .status500, occasion: .probability(0.01))])
    #expect(api.control.settings.limits == .window)
    #expect(call("PATCH", #"{"capacity": null, "latency": null}"#).status == 200)
    #expect(api.control.settings.capacityRecordsPerSecond == nil && api.control.settings.latency == nil)
    #expect(api.control.settings.faults.count == 1)
  }

  @Test func aPutTakesAwayWhatItDoesNotName() {
    #expect(call("PUT", #"{"capacity": {"records": 500}}"#).status == 200)
    #expect(api.control.settings.latency == nil && api.control.settings.capacityRecordsPerSecond == 500)
    #expect(api.control.settings.limits == .window)
    #expect(call("DELETE").status == 200)
    #expect(api.control.settings == Self.initial)
  }

  /// Every form of latency and fault comes back as it was sent.
  @Test(arguments: [
    #"{"latency":{"type":"uniform","min":"1ms","max":"2s"},"shardLatency":[],"faults":[],"capacity":null}"#,
    #"{"latency":{"type":"lognormal","median":"8ms","p99":"25ms"},"shardLatency":[],"faults":[],"capacity":{"records":0.5e4}}"#,
    #"{"latency":{"type":"lognormal","median":"8ms","p99":"25ms","max":"1s"},"shardLatency":[{"shard":0,"latency":{"type":"fixed","value":"0s"}}],"faults":[],"capacity":null}"#,
    #"{"latency":{"type":"normal","mean":"8ms","stddev":"2ms","min":"1ms","max":"10ms"},"shardLatency":[],"faults":[],"capacity":null}"#,
    #"{"latency":null,"shardLatency":[],"faults":[{"type":"stall","every":100,"shard":3,"delay":"2s"},{"type":"throttle","from":"10s","for":"3s"},{"type":"400","probability":0.25}],"capacity":{"records":2.5}}"#,
    #"{"latency":null,"shardLatency":[],"faults":[{"type":"throttle","share":0.1,"tries":2},{"type":"503","from":"1s","for":"3s","shard":"hottest"}],"capacity":null}"#,
  ])
  func whatIsSetIsShown(document: String) {
    let first = call("PUT", document)
    #expect(first.status == 200)
    #expect(text(first) == document.replacing("0.5e4", with: "5000"))
    #expect(call("GET") == first)
    #expect(call("PUT", text(first)) == first)
  }

  @Test(arguments: [
    ("PATCH", "", "/settings", 400), ("PATCH", "[]", "/settings", 400),
    ("PATCH", #"{"latencies": 1}"#, "/settings", 400),
    ("PATCH", #"{"limits": "none"}"#, "/settings", 400), ("PATCH", #"{"reshard": []}"#, "/settings", 400),
    ("PATCH", #"{"latency": "soon"}"#, "/settings", 400),
    ("PUT", #"{"faults": [{"type": "500"}]}"#, "/settings", 400), ("PUT", #"{"capacity": 0}"#, "/settings", 400),
    ("PUT", #"{"shardLatency": [{"shard": 1, "latency": "1s"}, {"shard": 1, "latency": "2s"}]}"#, "/settings", 400),
    ("PUT", #"{"latency": "1s""#, "/settings", 400), ("POST", "{}", "/settings", 405), ("POST", "", "/healthz", 405),
    ("GET", "", "/reset", 405),
    ("PUT", "{}", "/report", 405), ("GET", "", "/", 404),
    ("GET", "", "/settings/", 404),
  ])
  func aBadRequestChangesNothing(method: String, body: String, path: String, status: Int) {
    let answer = call(method, body, path: path)
    #expect(answer.status == status)
    guard case .string(let text)? = answer.body["error"] else {
      Issue.record("no error in \(answer.body)")
      return
    }
    #expect(!text.isEmpty && !text.contains("\n"))
    #expect(api.control.settings == Self.initial)
  }
}
