import Kinesis
import Measurement
import StrictJSON

/// Reads the files that a scenario names, each kind into what a plan needs of it.
struct FileDecoder {
  private let files: any ScenarioFiles
  /// SHA-256 of each file's content, by its path as written: what the workload hash takes in place of the path.
  private(set) var contentHashes: [String: String] = [:]

  /// Creates a decoder over a place with files.
  init(_ files: any ScenarioFiles) { self.files = files }

  /// Reads `records.trace`.
  mutating func trace(_ node: ResolvedNode, largestRecord: Int) throws(JSONFailure) -> Trace {
    let path = node["path"]
    var reader = TraceReader(largestRecord: largestRecord)
    do {
      try files.read(path.text) { reader.take($0) }
    } catch {
      throw path.node.failure(expected: "the path of a trace, relative to the scenario", found: error.found)
    }
    let trace: Trace
    do {
      trace = try reader.finish(speed: node["speed"].double, isLooped: node["loop"].flag)
    } catch {
      throw path.node.failure(expected: error.expected, found: "in \(JSONNode.quoted(path.text)) \(error.found)")
    }
    if let wanted = node["sha256"].present, wanted.text != trace.contentHash {
      throw wanted.node.failure(expected: "the trace whose SHA-256 this is", found: "one of \(trace.contentHash)")
    }
    contentHashes[path.text] = trace.contentHash
    return trace
  }

  /// Reads `stream.shardMap`. The stream is no part of the workload, so its content is not hashed.
  func shardMap(_ path: ResolvedNode) throws(JSONFailure) -> ShardMap {
    var content: [UInt8] = []
    do {
      try files.read(path.text) { piece in
        content.append(contentsOf: piece.prefix(Self.largestShardMap - content.count + 1))
        return content.count <= Self.largestShardMap
      }
    } catch {
      throw path.node.failure(expected: "the path of a list of shards, relative to the scenario", found: error.found)
    }
    guard content.count <= Self.largestShardMap else {
      throw path.node.failure(
        expected: "a list of shards of at most \(UnitText.size(Int64(Self.largestShardMap)))", found: "more")
    }
    let shards = try ShardListDecoder.openShards(bytes: content, source: path.text)
    do {
      return try ShardMap(shards: shards)
    } catch {
      throw path.node.failure(
        expected: "the shards of a whole stream", found: "in \(JSONNode.quoted(path.text)): \(error)")
    }
  }

  /// 20,000 shards, the largest quota of an account, take some 7 MiB.
  private static let largestShardMap = 64 << 20

  /// Reads the files of a payload, at most `FilePayloads.largestTotal` bytes of them.
  mutating func payload(_ node: ResolvedNode) throws(JSONFailure) -> FilePayloads {
    var contents: [[UInt8]] = []
    var room = FilePayloads.largestTotal
    for path in node["paths"].elements {
      var content: [UInt8] = []
      do {
        try files.read(path.text) { piece in
          content.append(contentsOf: piece.prefix(room - content.count + 1))
          return content.count <= room
        }
      } catch {
        throw path.node.failure(expected: "the path of a file, relative to the scenario", found: error.found)
      }
      guard content.count <= room else {
        throw path.node.failure(
          expected: "files of at most \(UnitText.size(Int64(FilePayloads.largestTotal))) in all", found: "more")
      }
      room -= content.count
      contentHashes[path.text] = content.withUnsafeBytes { SHA256.digest($0).hex }
      contents.append(content)
    }
    return FilePayloads(contents)
  }
}
