import Measurement
import Observations
import RunResults

/// What a shard was asked for over time, in parts of the limit that is nearer: what its throttling is explained from.
struct ShardDemand: Equatable {
  /// One bin of the measured time in which the shard was open.
  struct Bin: Equatable {
    /// Its length in seconds, more than 0.
    var seconds: Double
    /// First tries a second over the limit.
    var first: Double
    /// All tries a second over the limit.
    var attempted: Double
  }

  /// Whether the bytes' limit is the nearer one, else the records'.
  var isInBytes = false
  /// In order of time.
  var bins: [Bin] = []
  /// All tries.
  var attempted = 0
  /// Throttled ones.
  var throttled = 0
  /// The heaviest key's name, where it may be shown; foreign text.
  var topKey: String?
  /// That key's share of the shard's first tries, 0 to 1.
  var topKeyShare = 0.0
  /// The width of the shard's hash-key range over the mean of the shards that were open with it.
  var width = 1.0
  /// The mean first tries of all shards over the limit, while this shard was asked for most.
  var streamMean = 0.0
}

/// Why a shard was throttled, decided from what the files hold alone.
enum ThrottleCause: Equatable {
  /// One key alone asks for so many shards: no shard count helps.
  case hotKey(needs: Double)
  /// One key carries so much of the shard that the rest would stay under the limit, at `rest` of it.
  case heavyKey(share: Double, rest: Double)
  /// The shard's range is wider than the others' by so much; one of the mean's width would stay under the limit.
  case wideRange(factor: Double)
  /// All shards together are asked for more than they may take, so many times.
  case tooFewShards(use: Double)
  /// The stream has room, this shard's keys ask for more than their part.
  case unevenKeys(use: Double, mean: Double)
  /// First tries stay under the limit in the mean, at `use`; retries on top pass it, at `with`.
  case retries(use: Double, with: Double)
  /// Over the limit in single seconds, `peak` at most; in the mean at `use`.
  case burst(use: Double, peak: Double)
  /// Never over the limit in a second, at most at `peak`: what throttled is not the limit assumed.
  case underLimit(peak: Double)

  /// From here on a time over the limit is no burst, seconds: a bucket that holds one second's worth is long empty.
  static let longestBurst = 10.0

  /// Why; nil for a shard that was not throttled, that has no limit, or whose demand over time is not known.
  init?(_ demand: ShardDemand) {
    let bins = demand.bins.filter { $0.seconds > 0 }
    guard demand.throttled > 0, !bins.isEmpty else { return nil }
    let mean = ThrottleCause.mean(bins[...], \.first)
    let attempted = ThrottleCause.mean(bins[...], \.attempted)
    let stretch = ThrottleCause.longestStretch(bins, over: \.first)
    // Over the limit in the mean of the run, or for long on end: more than a burst.
    let long = stretch.flatMap { ThrottleCause.seconds($0) >= ThrottleCause.longestBurst ? $0 : nil }
    if let use = mean > 1 ? mean : long.map({ ThrottleCause.mean($0, \.first) }) {
      let key = use * demand.topKeyShare
      if key > 1, !demand.isInBytes {
        self = .hotKey(needs: key)
      } else if demand.topKeyShare >= 0.3, use - key <= 1 {
        self = .heavyKey(share: demand.topKeyShare, rest: use - key)
      } else if demand.width >= 1.25, use / demand.width <= 1 {
        self = .wideRange(factor: demand.width)
      } else if demand.streamMean > 1 {
        self = .tooFewShards(use: demand.streamMean)
      } else {
        self = .unevenKeys(use: use, mean: demand.streamMean)
      }
      return
    }
    let retried = ThrottleCause.longestStretch(bins, over: \.attempted)
    let isRetried = retried.map { ThrottleCause.seconds($0) >= ThrottleCause.longestBurst } ?? false
    let peak = bins.map(\.first).max() ?? 0
    let peakOfAll = bins.map(\.attempted).max() ?? 0
    if attempted > 1 || isRetried || (peak <= 1 && peakOfAll > 1) {
      let part = attempted > 1 || !isRetried ? bins[...] : retried ?? bins[...]
      self = .retries(
        use: ThrottleCause.mean(part, \.first),
        with: attempted > 1 || isRetried ? ThrottleCause.mean(part, \.attempted) : peakOfAll)
    } else if peak > 1 {
      self = .burst(use: mean, peak: peak)
    } else {
      self = .underLimit(peak: peakOfAll)
    }
  }

  private static func seconds(_ bins: ArraySlice<ShardDemand.Bin>) -> Double { bins.reduce(0) { $0 + $1.seconds } }

  private static func mean(
    _ bins: ArraySlice<ShardDemand.Bin>, _ value: KeyPath<ShardDemand.Bin, Double>
  ) -> Double {
    let length = seconds(bins)
    return length > 0 ? bins.reduce(0) { $0 + $1[keyPath: value] * $1.seconds } / length : 0
  }

  /// The longest time on end over the limit.
  private static func longestStretch(
    _ bins: [ShardDemand.Bin], over value: KeyPath<ShardDemand.Bin, Double>
  ) -> ArraySlice<ShardDemand.Bin>? {
    var longest: ArraySlice<ShardDemand.Bin>?
    var start: Int?
    for index in 0...bins.count {
      if index < bins.count, bins[index][keyPath: value] > 1 {
        start = start ?? index
      } else if let first = start {
        let stretch = bins[first..<index]
        if seconds(stretch) > longest.map(seconds) ?? 0 { longest = stretch }
        start = nil
      }
    }
    return longest
  }

  /// The cause as a clause, without the shard and without a stop.
  func text(_ demand: ShardDemand) -> Prose {
    let limit = demand.isInBytes ? "byte limit" : "record limit"
    func percent(_ use: Double) -> String { NumberFormat.wholePercent(use) }
    let share =
      Metric.throttleRatio.value(of: ShardTraffic(attempted: demand.attempted, throttled: demand.throttled)) ?? 0
    let throttled: Prose = "\(NumberFormat.wholePercent(share)) % throttled"
    let key: Prose =
      demand.topKey.map { "\(code: VisibleText.cut($0, to: 40, gap: "…"))" } ?? "its heaviest key"
    switch self {
    case .hotKey(let needs):
      return "\(throttled): \(key) alone needs \(NumberFormat.fixed(needs, 2)) shards; no shard count helps"
    case .heavyKey(let part, let rest):
      return
        "\(throttled): \(key) carries \(percent(part)) %; without it the shard would be at \(percent(rest)) % of its \(limit)"
    case .wideRange(let factor):
      return "\(throttled): the shard has \(NumberFormat.fixed(factor, 1)) times the mean's range; split it"
    case .tooFewShards(let use):
      return "\(throttled): too few shards, all together are asked for \(percent(use)) % of their \(limit)"
    case .unevenKeys(let use, let mean):
      return
        "\(throttled): its keys ask for \(percent(use)) % of its \(limit), the mean shard is at \(percent(mean)) %"
    case .retries(let use, let with):
      return
        "\(throttled) by retries: first tries take \(percent(use)) % of its \(limit), with retries up to \(percent(with)) %"
    case .burst(let use, let peak):
      return
        "\(throttled) in bursts of up to \(percent(peak)) % in a second; on average \(percent(use)) % of the \(limit)"
    case .underLimit(let peak):
      return
        "\(throttled) though no second passed its \(limit), \(percent(peak)) % at most: other producers, or lower limits than assumed"
    }
  }
}

/// A shard that took more than it is refilled with for as long as the run lasted, out of its burst credit.
struct BurstCredit: Equatable {
  /// Its place.
  let shard: Int
  /// What it took a second, records or bytes.
  let rate: Double
  /// What it is refilled with a second; as much as a full bucket holds.
  let refill: Double
  /// Whether these are bytes.
  let isInBytes: Bool
  /// How long a full bucket, which holds a second's refill, carries this rate, in seconds.
  var lasts: Double { refill / (rate - refill) }

  /// Credit taken, or nil where the shard was throttled or within its limit.
  ///
  /// - Parameters:
  ///   - records: accepted a second over the whole time.
  ///   - bytes: accepted a second over the whole time.
  init?(_ row: ShardRow, records: Double, bytes: Double) {
    guard row.traffic.throttled == 0 else { return nil }
    if let limit = row.limitRecordsPerS, limit > 0, records > Double(limit) {
      (rate, refill, isInBytes) = (records, Double(limit), false)
    } else if let limit = row.limitBytesPerS, limit > 0, bytes > Double(limit) {
      (rate, refill, isInBytes) = (bytes, Double(limit), true)
    } else {
      return nil
    }
    shard = row.shardIndex
  }

  /// The sentence.
  ///
  /// - Parameter seconds: how long the shard took this; longer than a full bucket lasts, and the limits are not those assumed.
  func sentence(of seconds: Double) -> Prose {
    func amount(_ value: Double) -> String {
      isInBytes ? "\(NumberFormat.mebibytes(value)) MiB/s" : "\(NumberFormat.fixed(value, 0)) rec/s"
    }
    let lasting = NumberFormat.seconds((lasts * 10).rounded() / 10)
    guard seconds <= lasts + 1 else {
      return
        "Shard \(shard) took \(amount(rate)) for longer than a full bucket lasts (\(lasting) at a refill of \(amount(refill))): the endpoint's limits are wider than assumed."
    }
    return
      "Shard \(shard) lived on burst credit: \(amount(rate)) against a refill of \(amount(refill)); at this rate a full bucket lasts \(lasting), then throttling begins (the run took \(NumberFormat.seconds(seconds)))."
  }
}
