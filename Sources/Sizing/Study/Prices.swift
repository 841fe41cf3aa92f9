import Kinesis
import Measurement
import StrictJSON

/// What a region charged at some date, as a file says: nothing is known without it.
package struct Prices: Sendable, Equatable {
  /// When the prices were read, as written.
  package let date: String
  /// The region they hold for.
  package let region: String
  /// `USD` and the like.
  package let currency: String
  /// A shard for an hour; a million PUT payload units.
  package let shardHour: Double
  package let millionPutUnits: Double
  /// A stream on demand for an hour; 10^9 bytes written and read.
  package let streamHour: Double
  package let gigabyteIn: Double
  package let gigabyteOut: Double

  /// Hours of a month, as AWS's own examples reckon (aws.amazon.com/kinesis/data-streams/pricing).
  static let hoursPerMonth = 730.0
  /// Bytes of a PUT payload unit: each started 25 KB of a record. That these are 25,000 bytes is unsure; "1 MB is 40 units".
  static let putUnit = 25_000
  /// A record on demand is charged by the started KiB.
  static let onDemandUnit = 1_024

  /// Reads a file of prices.
  ///
  /// - Throws: `JSONFailure` with the path of what is missing or is no price.
  package init(bytes: [UInt8], source: String) throws(JSONFailure) {
    let root = try JSONDocument.parse(bytes, source: source).object(expected: "an object with prices")
    let names = ["schema", "comment", "date", "region", "currency", "provisioned", "onDemand"]
    try root.finish(allowed: names)
    let schema = try root.required("schema")
    guard try schema.string() == "shardmeter.prices/1" else {
      throw schema.failure(expected: "\"shardmeter.prices/1\"")
    }
    func text(_ name: String) throws(JSONFailure) -> String {
      let node = try root.required(name)
      let text = try node.string()
      guard (1...40).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw node.failure(expected: "a word of 1 to 40 printable characters")
      }
      return text
    }
    func prices(_ name: String, _ members: [String]) throws(JSONFailure) -> [Double] {
      let object = try root.required(name).object(expected: "an object with \(members.joined(separator: ", "))")
      try object.finish(allowed: members)
      var values: [Double] = []
      for member in members { values.append(try object.required(member).number(in: 0...1e6)) }
      return values
    }
    (date, region, currency) = (try text("date"), try text("region"), try text("currency"))
    let provisioned = try prices("provisioned", ["shardHour", "millionPutUnits"])
    let onDemand = try prices("onDemand", ["streamHour", "gigabyteIn", "gigabyteOut"])
    (shardHour, millionPutUnits) = (provisioned[0], provisioned[1])
    (streamHour, gigabyteIn, gigabyteOut) = (onDemand[0], onDemand[1], onDemand[2])
  }

  /// What a month's traffic is charged by.
  package struct Month: Sendable, Equatable {
    /// The mean of a second.
    package var putUnits: Double
    package var onDemandBytes: Double
    /// Bytes/s read by all consumers.
    package var bytesOut: Double

    /// A month.
    package init(putUnits: Double, onDemandBytes: Double, bytesOut: Double) {
      (self.putUnits, self.onDemandBytes, self.bytesOut) = (putUnits, onDemandBytes, bytesOut)
    }
  }

  /// A month of a stream with so many shards. Records that are throttled are taken not to be charged.
  package func provisioned(shards: Int, _ month: Month) -> Double {
    Self.hoursPerMonth
      * (Double(shards) * shardHour + month.putUnits * 3_600 / 1e6 * millionPutUnits)
  }

  /// PUT payload units alone.
  package func puts(units: Double) -> Double { units / 1e6 * millionPutUnits }

  /// At most so many PUT payload units of some records: each record has one, and one more for each further 25,000 bytes.
  package static func mostPutUnits(records: Double, bytes: Double) -> Double { records + bytes / Double(putUnit) }

  /// A month of a stream on demand.
  package func onDemand(_ month: Month) -> Double {
    Self.hoursPerMonth
      * (streamHour + month.onDemandBytes * 3_600 / 1e9 * gigabyteIn + month.bytesOut * 3_600 / 1e9 * gigabyteOut)
  }
}
