import Kinesis
import Measurement

/// What a plan would send, and where to: per phase, per shard and for the heaviest keys, without sending anything.
package struct PlanOverview: Sendable {
  /// One phase.
  package struct Phase: Sendable {
    package let name: String
    package let duration: Nanoseconds
    package let isMeasured: Bool
    /// What is sent; `nil` for a closed phase, which takes what the target takes.
    package let amount: Amount?
    /// The shard that gets most of the records, and its expected share of them.
    package let hottest: (shard: Int, share: Double)
  }

  /// What is sent in some time. Exact when the plan was walked, else expected.
  package struct Amount: Sendable {
    /// Always exact.
    package var records: UInt64
    package var requests: Double
    /// Data and keys.
    package var bytes: Double
    /// Records/s in the busiest window.
    package var busiest: Double
  }

  /// What a shard or a key gets over the phases of ``scope``.
  package struct Part: Sendable {
    /// The expected share of the records, 0...1.
    package var share = 0.0
    /// Records counted one by one; `nil` when the plan was not walked.
    package var planned: UInt64?
    /// Expected records/s over the whole scope.
    package var records = 0.0
    /// Expected records/s in the busiest window of any phase.
    package var busiestRecords = 0.0
    /// Expected bytes/s, data and keys, in the busiest window of any phase.
    package var busiestBytes = 0.0
  }

  /// A key with its load.
  package struct Key: Sendable {
    /// In the plan's catalog.
    package let id: UInt64
    package let part: Part
    /// Where its records go; `nil` when explicit hash keys decide.
    package let shard: Int?
  }

  /// Which phases the shares are of.
  package enum Scope: Sendable {
    /// The measured phases that have a schedule.
    case measured
    /// All phases with a schedule, none of which is measured.
    case all
    /// Closed phases only: shares by time, without rates.
    case closed
  }

  /// Up to so many records a plan is walked, record by record.
  package static let mostWalked: UInt64 = 5_000_000

  /// Whether requests, bytes and planned counts were counted one by one; else they are expectations or absent.
  package let isWalked: Bool
  /// The phases that ``shards`` and ``keys`` are of.
  package let scope: Scope
  package let phases: [Phase]
  /// Over the phases of the scope; `nil` when these are closed.
  package let total: Amount?
  /// How long the phases of the scope last together.
  package let duration: Nanoseconds
  /// By index.
  package let shards: [Part]
  /// The heaviest by expected share, at most as many as asked for, in order.
  package let keys: [Key]
  /// How many keys were weighed one by one.
  package let weighedKeys: Int
  /// The expected share of the records whose keys were not: keys beyond a million, and those of which each record has
  /// its own.
  package let otherKeys: Double

  /// The expected load of the hottest shard over the mean of all.
  package var skew: Double { (shards.map(\.share).max() ?? 0) * Double(shards.count) }
  /// The index of the hottest shard by expected share.
  package var hottest: Int { Self.hottest(shards.map(\.share)).shard }

  /// Looks at a plan.
  ///
  /// - Parameters:
  ///   - map: the shards that records go to.
  ///   - keys: how many keys to list.
  ///   - mostWalked: beyond this many records the plan is not walked.
  ///   - mostKeys: of each distribution so many keys are weighed one by one.
  /// - Complexity: O(keys), at most a million a distribution, and O(records) when it is walked.
  package init(
    _ plan: Plan, map: ShardMap, keys keyLimit: Int = 10, mostWalked: UInt64 = PlanOverview.mostWalked,
    mostKeys: UInt64 = ExpectedLoad.mostKeys
  ) {
    let open = plan.phases.indices.filter { plan.phases[$0].loop != .closed }
    let measured = open.filter { plan.phases[$0].measured }
    let inScope = !measured.isEmpty ? measured : !open.isEmpty ? open : Array(plan.phases.indices)
    scope = !measured.isEmpty ? .measured : !open.isEmpty ? .all : .closed
    isWalked = open.reduce(0) { $0 + plan.recordCount(ofPhase: $1) } <= mostWalked && !open.isEmpty
    let walk = isWalked ? PlanWalk(plan, map: map, counting: Set(inScope)) : nil

    let loads = plan.expectedLoads(map: map, mostKeys: mostKeys)
    let amounts = plan.phases.indices.map { phase -> Amount? in
      guard plan.phases[phase].loop != .closed else { return nil }
      let counted = walk?.phases[phase]
      let records = plan.recordCount(ofPhase: phase)
      let mean = PlanMeans.bytesPerRecord(plan.scenario.phases[phase].kinds)
      return Amount(
        records: records, requests: counted.map { Double($0.requests) } ?? plan.expectedRequests(inPhase: phase),
        bytes: counted.map { Double($0.total.bytes) } ?? Double(records) * mean,
        busiest: plan.busiestRate(ofPhase: phase))
    }
    phases = plan.phases.indices.map {
      Phase(
        name: plan.phases[$0].name, duration: plan.phases[$0].duration, isMeasured: plan.phases[$0].measured,
        amount: amounts[$0], hottest: Self.hottest(loads[$0].shards.map(\.records)))
    }
    duration = inScope.reduce(.zero) { $0 + plan.phases[$1].duration }
    let seconds = duration.seconds
    let sum = inScope.compactMap { amounts[$0] }.reduce(Amount(records: 0, requests: 0, bytes: 0, busiest: 0)) {
      Amount(
        records: $0.records + $1.records, requests: $0.requests + $1.requests, bytes: $0.bytes + $1.bytes,
        busiest: max($0.busiest, $1.busiest))
    }
    total = scope == .closed ? nil : sum

    // A phase counts by its records; closed ones, which have none yet, by their time.
    let weights = inScope.map { phase in
      amounts[phase].map { sum.records == 0 ? 0 : Double($0.records) / Double(sum.records) }
        ?? plan.phases[phase].duration.seconds / seconds
    }
    func part(_ select: (ExpectedLoad) -> ExpectedLoad.Part) -> Part {
      var part = Part()
      for (phase, weight) in zip(inScope, weights) {
        let own = select(loads[phase])
        part.share += own.records * weight
        let busiest = amounts[phase]?.busiest ?? 0
        part.busiestRecords = max(part.busiestRecords, own.records * busiest)
        part.busiestBytes = max(part.busiestBytes, own.bytes * busiest)
      }
      part.records = part.share * Double(sum.records) / seconds
      return part
    }
    shards = map.shards.indices.map { index in
      var shard = part { $0.shards[index] }
      shard.planned = walk.map { walk in inScope.reduce(0) { $0 + walk.phases[$1].shards[index].records } }
      return shard
    }
    otherKeys = part { $0.others }.share

    var shares: [UInt64: Double] = [:]
    for (phase, weight) in zip(inScope, weights) where weight > 0 {
      for (id, own) in loads[phase].keys { shares[id, default: 0] += own.records * weight }
    }
    weighedKeys = shares.count
    let heaviest = HeaviestShares.first(keyLimit, of: shares)
    let isRoutedByKey = plan.isRoutedByKey
    keys = heaviest.map { id in
      var own = part { $0.keys[id] ?? ExpectedLoad.Part() }
      own.planned = walk?.records(ofKey: id)
      return Key(id: id, part: own, shard: isRoutedByKey ? map.index(of: plan.keys.hash(of: id)) : nil)
    }
  }

  private static func hottest(_ shares: [Double]) -> (shard: Int, share: Double) {
    var best = (shard: 0, share: shares.first ?? 0)
    for (index, share) in shares.enumerated() where share > best.share { best = (index, share) }
    return best
  }
}

/// The heaviest of many shares.
enum HeaviestShares {
  /// Ids by falling share, ties by rising id. O(shares x log count).
  static func first(_ count: Int, of shares: [UInt64: Double]) -> [UInt64] {
    var kept: [(id: UInt64, share: Double)] = []
    for (id, share) in shares {
      if kept.count == count, let last = kept.last, (share, last.id) <= (last.share, id) { continue }
      var low = 0
      var high = kept.count
      while low < high {
        let middle = (low + high) / 2
        if (kept[middle].share, id) > (share, kept[middle].id) { low = middle + 1 } else { high = middle }
      }
      kept.insert((id, share), at: low)
      if kept.count > count { kept.removeLast() }
    }
    return kept.map(\.id)
  }
}
