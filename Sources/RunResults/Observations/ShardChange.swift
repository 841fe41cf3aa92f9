/// A change of the stream's open shards during a run, by their indices.
package struct ShardChange: Sendable, Hashable {
  /// When the first answer came that the map before did not predict, or else when the change was found; nanoseconds since
  /// the run's start.
  package var noticed: Int64
  /// When the shards were listed.
  package var listed: Int64
  package var opened: [Int]
  package var closed: [Int]

  /// A change.
  package init(noticed: Int64, listed: Int64, opened: [Int], closed: [Int]) {
    self.noticed = noticed
    self.listed = listed
    self.opened = opened
    self.closed = closed
  }
}
