import Kinesis
import RunResults
import Scenarios
import StrictJSON

/// Reads a stream's shards from the JSON that `aws kinesis list-shards` prints.
enum ShardMapFile {
  /// The open shards of a file.
  ///
  /// - Throws: `CommandFailure` 2 for a file that cannot be read and for shards that are no whole stream, `JSONFailure`
  ///   for what is no list of shards.
  static func read(_ path: String) throws -> ShardMap {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path, atMost: 64 << 20)
    } catch {
      throw CommandFailure("--shard-map: \(path) cannot be read: \(error)", code: .usage)
    }
    do {
      return try ShardMap(shards: ShardListDecoder.openShards(bytes: bytes, source: path))
    } catch let failure as ShardMapFailure {
      throw CommandFailure("--shard-map: \(path): \(failure)", code: .usage)
    }
  }
}
