import Kinesis
import Observations
import StreamAccess

/// Shards that come and go during the run.
extension WorkerEngine {
  /// Takes the shared map over: later predictions follow it, and every shard it knows has its place in the results.
  func takeMap() {
    mapVersion = shards.version
    use(shards.current)
  }

  private func use(_ newer: ShardMap) {
    guard newer.count > map.count || newer.revision > map.revision else { return }
    if newer.revision > map.revision { lookup.predict(by: newer) }
    map = newer
    sequences.makeRoom(forShards: newer.count)
    lane.makeRoom(forShards: newer.count)
  }

  /// Gives the shards that an answer names and the map does not know their indices.
  ///
  /// - Returns: whether the answer is worth a second look: some of them are known now.
  func learnShards(from body: UnsafeRawBufferPointer) -> Bool {
    let known = map.count
    let names = PutRecordsResponseScanner.unknownShards(in: body, map: map)
    use(shards.learn(names.filter { credentials.masked($0) == $0 }))
    return map.count > known
  }
}
