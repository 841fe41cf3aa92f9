/// What the service refuses in a single request before it looks at any shard.
package struct RequestLimits: Hashable, Sendable {
  /// Records in a request.
  package var records: Int

  /// Bytes of data and keys in a request.
  package var bytesPerRequest: Int

  /// Bytes of data and key in a record.
  package var bytesPerRecord: Int

  /// Makes limits; the defaults are today's, for a stream with the default record size.
  package init(
    records: Int = KinesisLimits.recordsPerRequest, bytesPerRequest: Int = KinesisLimits.bytesPerRequest,
    bytesPerRecord: Int = KinesisLimits.bytesPerRecord
  ) {
    self.records = records
    self.bytesPerRequest = bytesPerRequest
    self.bytesPerRecord = bytesPerRecord
  }
}
