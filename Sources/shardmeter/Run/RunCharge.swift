import Reporting
import Sizing

/// What sending some load costs on a provisioned stream, for the sentence a person says yes or no to.
struct RunCharge: Equatable {
  let prices: Prices
  /// Where the stream is.
  let region: String
  /// The shards that the scenario declares, where the stream's own are not known.
  let shards: Int
  /// The largest record that the stream takes, data and key.
  let largestRecord: Int

  /// A clause without a final stop.
  ///
  /// - Parameters:
  ///   - load: what will be sent; retries that are throttled are taken not to be charged, as AWS leaves unsaid.
  ///   - open: the stream's open shards, nil where they are not known.
  func text(_ load: RemoteSafety.Load, shards open: Int?) -> String {
    guard prices.region == region else {
      return "what it costs is not known: the prices are of \(prices.region), the stream is in \(region)"
    }
    let count = open ?? shards
    let hour =
      "\(NumberFormat.count(count, "shard")) \(NumberFormat.fixed(Double(count) * prices.shardHour, 3)) \(prices.currency) an hour"
    let source = "prices of \(prices.date), \(prices.region)"
    guard let records = most(load) else {
      let million = NumberFormat.fixed(prices.puts(units: 1e6), 4)
      return
        "PUT payload units cost \(million) \(prices.currency) a million, with no bound on them, \(hour) (\(source))"
    }
    let units = Prices.mostPutUnits(records: records.count, bytes: records.bytes)
    return
      "PUT payload units cost at most about \(NumberFormat.fixed(prices.puts(units: units), 4)) \(prices.currency), \(hour) (\(source))"
  }

  /// The most that may be charged; nil where nothing bounds it.
  private func most(_ load: RemoteSafety.Load) -> (count: Double, bytes: Double)? {
    guard !load.isUnbounded else {
      // A bound on either bounds the other: a record has at least one byte, and at most what the service takes.
      if let bytes = load.maximumBytes {
        return (Double(load.maximumRecords ?? bytes), Double(bytes))
      }
      return load.maximumRecords.map { (Double($0), Double($0) * Double(largestRecord)) }
    }
    return (
      min(Double(load.records), load.maximumRecords.map(Double.init) ?? .infinity),
      min(load.bytes, load.maximumBytes.map(Double.init) ?? .infinity)
    )
  }
}
