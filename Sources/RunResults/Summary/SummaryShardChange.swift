import StrictJSON

/// A change of the stream's open shards during the run.
package struct SummaryShardChange: SummarySection {
  /// When the first answer came that the map before did not predict, else when the change was found; seconds since the
  /// first measured phase began.
  package var tS = 0.0
  /// When the shards were listed: from then on predictions follow them.
  package var listedTS = 0.0
  package var opened: [String] = []
  package var closed: [String] = []

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("t_s", &tS, decimals: 3)
    try visitor.member("listed_t_s", &listedTS, decimals: 3)
    try visitor.member("opened", &opened)
    try visitor.member("closed", &closed)
  }
}
