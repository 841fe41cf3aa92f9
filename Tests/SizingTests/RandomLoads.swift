import Measurement
import Scenarios

/// Random scenarios that load some shards to around their limits.
struct RandomLoads {
  private var random: SequenceRandom
  private let seconds: ClosedRange<Int>

  /// A generator; the same seed gives the same scenarios.
  init(seed: UInt64, seconds: ClosedRange<Int> = 2...4) {
    random = SequenceRandom(CounterRandom(seed: seed, domain: 0x7369_7A65), 0)
    self.seconds = seconds
  }

  private mutating func below(_ bound: Int) -> Int { Int(CounterRandom.below(UInt64(bound), word: random.next())) }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
  private mutating func oneOf(_ texts: [String]) -> String { texts[below(texts.count)] }

  /// The next scenario's text.
  ///
  /// - Parameter retry: the retry policies to choose from.
  mutating func next(retry: [String] = [#""none""#]) -> String {
    let shards = number(1...4)
    let rate = shards * number(300...2_200)
    let isLarge = below(3) == 0
    let mean = isLarge ? number(600...3_000) : number(20...300)
    let size = oneOf([
      "\"\(mean)B\"", #"{"type": "uniform", "min": \#(mean / 2), "max": \#(mean * 2)}"#,
      #"{"type": "lognormal", "median": \#(mean), "p99": \#(mean * 6), "max": "64KiB"}"#,
    ])
    let keys = number(1...2_000)
    let key = oneOf([
      #"{"type": "uniform", "cardinality": \#(keys)}"#,
      #"{"type": "zipf", "exponent": 0.99, "cardinality": \#(keys + 1)}"#, #""constant""#, #""unique""#,
      #"{"type": "weighted", "values": [{"key": "hot", "share": "30%"}], "rest": {"type": "uniform", "cardinality": \#(keys)}}"#,
      #"{"type": "drift", "cardinality": \#(keys + 9), "hotKeyShare": 0.1, "hotTrafficShare": 0.7, "period": "1s"}"#,
    ])
    let rates = oneOf([
      "\(rate)", #"{"type": "line", "from": \#(rate / 3), "to": \#(rate * 2)}"#,
      #"{"type": "square", "low": \#(rate / 4), "high": \#(rate * 3), "period": "1s", "duty": 0.3}"#,
      #"{"type": "sine", "mean": \#(rate), "amplitude": \#(rate / 2), "period": "2s"}"#,
    ])
    let warmUp =
      below(3) == 0 ? #"{"name": "warm-up", "duration": "1s", "rate": \#(rate), "measure": false}, "# : ""
    return """
      {"schema": "shardmeter/1", "name": "random", "seed": \(below(1_000_000)), "stream": {"shards": \(shards)},
       "records": {"size": \(size), "key": \(key)\(below(9) == 0 ? #", "explicitHashKey": "uniform""# : "")},
       "batch": {"records": \(oneOf(["500", "100", "20"])), "linger": "\(oneOf(["10ms", "100ms", "500ms"]))"},
       "client": {"producers": \(number(1...6)), "retry": \(oneOf(retry))},
       "phases": [\(warmUp){"name": "load", "duration": "\(number(seconds))s", "rate": \(rates),
         "arrivals": "\(oneOf(["uniform", "poisson", "bursts"]))"}]}
      """
  }
}
