import RunResults
import Sizing
import StrictJSON

/// Reads what a region charges from the file that `--prices` names.
enum PricesFile {
  /// The prices of a file.
  ///
  /// - Throws: `CommandFailure` 2 for a file that cannot be read, `JSONFailure` for what is no list of prices.
  static func read(_ path: String) throws -> Prices {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path, atMost: 1 << 20)
    } catch {
      throw CommandFailure("--prices: \(path) cannot be read: \(error)", code: .usage)
    }
    return try Prices(bytes: bytes, source: path)
  }

  /// What is said where a stream lies elsewhere than the prices hold.
  static func objection(_ prices: Prices, region: String) -> String? {
    prices.region == region
      ? nil : "The prices are of \(prices.region), the stream is in \(region): costs are left out."
  }
}
