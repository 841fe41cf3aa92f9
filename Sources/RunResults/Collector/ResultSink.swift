/// Where result files go: a folder on disk, or memory in tests.
package protocol ResultSink {
  /// Appends to a file, which is made when it is not there. What was appended is readable even if the run dies next.
  mutating func append(_ bytes: [UInt8], to fileName: String) throws
  /// Takes a file away; nothing happens when it is not there.
  mutating func remove(_ fileName: String) throws
}
