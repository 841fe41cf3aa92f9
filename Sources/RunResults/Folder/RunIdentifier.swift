import Kinesis
import Measurement

/// Makes the names of runs: sorted by time, safe on every file system, and different for two runs of one second.
package enum RunIdentifier {
  /// `20260314T091502Z-orders-replay-7f3a`: basic UTC time, slug of the scenario's name, first four hex digits of SHA-256
  /// over workload hash, seed and start in microseconds.
  package static func make(start: WallTime, scenarioName: String, workloadHash: String, seed: UInt64) -> String {
    let material = Array("\(workloadHash)\n\(seed)\n\(start.microsecondsSinceEpoch)".utf8)
    let digest = material.withUnsafeBytes { SHA256.digest($0) }
    return "\(start.basic)-\(slug(scenarioName))-\(digest.hex.prefix(4))"
  }

  /// A name in `[a-z0-9-]`, at most 40 characters; `run` for one that has none of these.
  package static func slug(_ name: String) -> String {
    var slug: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x61...0x7A: slug.append(byte)
      case 0x41...0x5A: slug.append(byte + 0x20)
      default: if let last = slug.last, last != 0x2D { slug.append(0x2D) }
      }
    }
    slug = Array(slug.prefix(40))
    while slug.last == 0x2D { slug.removeLast() }
    return slug.isEmpty ? "run" : String(decoding: slug, as: UTF8.self)
  }
}
