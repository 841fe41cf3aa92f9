/// One record of a decoded PutRecords request: where its parts are, not the parts themselves.
///
/// ``PutRecordsRequestDecoder`` turns the ranges into bytes.
package struct RequestRecord: Sendable {
  /// A string's UTF-8: in the body, or in the decoder's scratch memory when the request wrote it with escapes.
  struct TextRange {
    var offset: UInt32 = 0
    var length: UInt32 = 0
    var isInScratch = false
  }

  /// The hash key that overrides the partition key's; meaningful when ``hasExplicitHashKey``.
  package internal(set) var explicitHashKey: UInt128 = 0

  /// Bytes of the data blob once decoded.
  package internal(set) var dataLength = 0

  var data = TextRange()
  var key = TextRange()
  var explicit = TextRange()

  var hasData = false
  var hasKey = false
  /// Whether the explicit hash key does not match its pattern.
  var hashKeyIsMalformed = false
  /// Whether the explicit hash key is 2^128 or more.
  var hashKeyOverflows = false

  /// Whether the request gives an explicit hash key.
  package internal(set) var hasExplicitHashKey = false

  /// UTF-8 bytes of the partition key.
  package var keyLength: Int { Int(key.length) }

  /// What the record counts towards the limits: data plus key, in bytes.
  package var size: Int { dataLength + Int(key.length) }
}
