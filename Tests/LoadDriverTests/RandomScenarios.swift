import Measurement
import Scenarios

/// Random scenarios of every type of the language, each some tens of milliseconds long.
struct RandomScenarios {
  /// The file that scenarios with a trace play.
  struct TraceFile: ScenarioFiles {
    let bytes: [UInt8]

    func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure) {
      guard path == "trace.csv" else { throw ScenarioFileFailure(found: "no file \(path)") }
      _ = bytes.withUnsafeBytes { take($0) }
    }
  }

  private var random: SequenceRandom

  /// A generator; the same seed gives the same scenarios.
  init(seed: UInt64) {
    random = SequenceRandom(CounterRandom(seed: seed, domain: 0x7072_6F6F_66), 0)
  }

  /// The next scenario, drawn again until it is a valid one.
  mutating func next() throws -> Scenario {
    for _ in 0..<200 {
      let (text, trace) = draw()
      let files = TraceFile(bytes: Array(trace.utf8))
      if let scenario = try? Scenario.load(bytes: Array(text.utf8), source: "random", files: files) { return scenario }
    }
    throw Exhausted()
  }

  /// Two hundred drawn texts were refused: the texts have left the language.
  struct Exhausted: Error {}

  private mutating func below(_ bound: Int) -> Int { Int(CounterRandom.below(UInt64(bound), word: random.next())) }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
  private mutating func oneOf(_ texts: [String]) -> String { texts[below(texts.count)] }
  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  private mutating func draw() -> (text: String, trace: String) {
    let isTraced = chance(12)
    let records: String
    if isTraced {
      records =
        #""trace": {"path": "trace.csv", "speed": \#(number(1...3)), "loop": \#(chance(50))}"#
        + (chance(50) ? #", "payload": "\#(oneOf(["random", "json", "zeros", "text"]))""# : "")
    } else if chance(15) {
      let share = number(1...99)
      records = #""mix": [{"share": "\#(share)%", \#(kind())}, {"share": "\#(100 - share)%", \#(kind())}]"#
    } else {
      records = kind() + (chance(20) ? #", "identity": true"# : "")
    }
    let phases = (0..<number(1...3)).map {
      phase($0, isTraced: isTraced, canOverride: !isTraced && !records.hasPrefix("\"mix"))
    }
    let text = """
      {"schema": "shardmeter/1", "name": "random", "seed": \(below(1_000_000)),
       "stream": {"shards": \(number(1...7))}, "records": {\(records)},
       "batch": {"records": \(number(1...80)), "bytes": \(oneOf(["2048", "\"16KiB\"", "\"5MiB\""])),
         "linger": \(oneOf(["\"0s\"", "\"1ms\"", "\"7ms\"", "\"100ms\"", "\"unbounded\""]))},
       "client": {"producers": \(number(1...6)), "connections": \(number(1...6)), "late": "\(oneOf(["burst", "paced"]))"\(chance(30) ? #", "payloadPool": \#(number(1...3))"# : "")},
       "phases": [\(phases.joined(separator: ", "))]}
      """
    return (text, trace())
  }

  private mutating func trace() -> String {
    let column = oneOf(["key", "hash"])
    var lines = ["size,t_ms,\(column),explicit_hash_key"]
    for _ in 0..<number(1...60) {
      let key =
        column == "key" ? oneOf(["a", "\"b,\"\"c\"\"\"", "é", "key-7"]) : "0123456789abcdef0123456789abcde\(below(10))"
      lines.append("\(below(900)),\(below(30)).\(below(1000)),\(key),\(chance(20) ? String(random.next()) : "")")
    }
    return lines.joined(separator: "\n")
  }

  private mutating func kind() -> String {
    #""size": \#(size()), "key": \#(key(depth: 0))"#
      + (chance(60) ? #", "payload": \#(payload())"# : "") + (chance(20) ? #", "explicitHashKey": \#(hashKey())"# : "")
  }

  private mutating func size() -> String {
    let low = number(18...200)
    let high = low + number(1...900)
    return oneOf([
      "\(low)", "\"\(low)B\"", #"{"type": "uniform", "min": \#(low), "max": \#(high)}"#,
      #"{"type": "normal", "mean": \#((low + high) / 2), "stddev": 90, "min": \#(low), "max": \#(high)}"#,
      #"{"type": "lognormal", "median": \#(low), "p99": \#(high), "max": "1KiB"}"#,
      #"{"type": "pareto", "min": \#(low), "shape": 1.\#(number(1...9)), "max": \#(high)}"#,
      #"{"type": "weighted", "values": [{"size": \#(low), "weight": 3}, {"size": \#(high), "weight": 1}]}"#,
    ])
  }

  private mutating func key(depth: Int) -> String {
    let count = number(1...500)
    let naming = chance(30) ? #", "prefix": "tenant/\#(oneOf(["", "é", "\\\""]))", "length": 24"# : ""
    var types = [
      #"{"type": "uniform", "cardinality": \#(count)\#(naming)}"#,
      #"{"type": "zipf", "exponent": \#(oneOf(["0", "0.5", "0.99", "1", "1.5"])), "cardinality": \#(count)\#(naming)}"#,
      #"{"type": "zipf", "topShare": "\#(number(1...90))%", "cardinality": \#(count)\#(naming)}"#,
      #"{"type": "hotspot", "cardinality": \#(count), "hotKeyShare": "10%", "hotTrafficShare": 0.8\#(naming)}"#,
      #"{"type": "sequential", "cardinality": \#(count)\#(naming)}"#, #""constant""#, #""unique""#,
      #"{"type": "constant", "value": "\#(oneOf(["x", "a \\\"b\\\" \\n", "日本"]))"}"#,
      #"{"type": "drift", "cardinality": \#(count), "hotKeyShare": 0.2, "hotTrafficShare": 0.9, "period": "5ms"\#(naming)}"#,
      #"{"type": "shard", "shards": [0], "share": "\#(number(1...100))%", "cardinality": \#(count)\#(naming)}"#,
    ]
    if depth == 0 {
      types.append(
        #"{"type": "weighted", "values": [{"key": "hot", "share": 0.4}, {"key": "ø\\t", "share": "20%"}], "rest": \#(key(depth: 1))}"#
      )
    }
    return oneOf(types)
  }

  private mutating func payload() -> String {
    oneOf([
      #""random""#, #""text""#, #"{"type": "text", "compressibility": "\#(number(0...100))%"}"#, #""json""#,
      #""zeros""#,
    ])
  }

  private mutating func hashKey() -> String {
    oneOf([#""uniform""#, #"{"type": "values", "values": ["0", "\#(random.next())", "\#(UInt128.max)"]}"#])
  }

  private mutating func phase(_ number: Int, isTraced: Bool, canOverride: Bool) -> String {
    let start = #"{"name": "p\#(number)", "duration": "\#(self.number(2...18))ms""#
    let measure = number == 0 && chance(20) ? #", "measure": false"# : ""
    guard !isTraced else { return start + measure + "}" }
    let arrivals = chance(40) ? #", "arrivals": "\#(oneOf(["poisson", "bursts"]))""# : ""
    let override = canOverride && chance(25) ? #", "override": {"records.key": \#(key(depth: 0))}"# : ""
    return start + #", "rate": \#(rate())"# + measure + arrivals + override + "}"
  }

  private mutating func rate() -> String {
    let isInBytes = chance(20)
    let low = number(0...2_000) * (isInBytes ? 400 : 1)
    let high = low + number(1...3_000) * (isInBytes ? 400 : 1)
    let unit = isInBytes ? #", "unit": "bytes""# : ""
    return oneOf([
      isInBytes ? #"{"type": "constant", "bytes": \#(high)}"# : "\(high)",
      #"{"type": "line", "from": \#(low), "to": \#(high)\#(unit)}"#,
      #"{"type": "line", "from": \#(high), "to": \#(low)\#(unit)}"#,
      #"{"type": "steps", "values": [\#(low), \#(high), 0], "each": "3ms"\#(unit)}"#,
      #"{"type": "sine", "mean": \#(high), "amplitude": \#(low), "period": "6ms"\#(unit)}"#,
      #"{"type": "square", "low": \#(low), "high": \#(high), "period": "4ms", "duty": 0.3\#(unit)}"#,
    ])
  }
}
