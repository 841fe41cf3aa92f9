extension RequestBuffer {
  /// Appends a record whose data and key lie in memory: the convenient way where the last microsecond does not matter.
  ///
  /// - Parameters:
  ///   - data: the data blob, not yet base64.
  ///   - key: the partition key in UTF-8, not escaped.
  ///   - explicitHashKey: the hash key that overrides the partition key's, if any.
  package func append(
    data: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, explicitHashKey: UInt128? = nil
  ) {
    let length = Base64.encodedLength(of: data.count)
    Base64.encode(data, to: beginRecord(base64Length: length, maximumKeyLength: 6 * key.count))
    let keyLength = JSONText.escape(key, to: beginKey())
    if let explicitHashKey {
      endRecord(keyLength: keyLength, explicitHashKey: explicitHashKey)
    } else {
      endRecord(keyLength: keyLength)
    }
  }
}
