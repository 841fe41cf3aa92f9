/// The hash key of a partition key: MD5 of its UTF-8 bytes, read as an unsigned big-endian number
/// (kinesalite `partitionKeyToHashKey`, verified there against production; the producer library does the same).
package enum PartitionKeyHash {
  /// The hash key of a partition key given as UTF-8.
  package static func md5(_ key: UnsafeRawBufferPointer) -> UInt128 {
    MD5.digest(key)
  }

  /// The hash key of a partition key.
  package static func md5(of key: String) -> UInt128 {
    var key = key
    return key.withUTF8 { MD5.digest(UnsafeRawBufferPointer($0)) }
  }
}
