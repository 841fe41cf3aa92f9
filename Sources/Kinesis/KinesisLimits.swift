/// The limits of Kinesis Data Streams that the encoder, the decoder, the token buckets and the predictions share.
///
/// Each constant names its source; all were read in 2026-08. The API reference of 2013-12-02 still in circulation gives
/// older figures for the sizes (1 MB a record, 5 MB a request); the service model of the current SDKs is followed.
package enum KinesisLimits {
  /// Records a single PutRecords request may carry (API reference of PutRecords).
  package static let recordsPerRequest = 500

  /// Bytes of data and partition keys together that a request may carry: 10 MiB since October 2025
  /// (botocore service model `kinesis/2013-12-02`, PutRecords).
  package static let bytesPerRequest = 10 * 1_048_576

  /// Bytes per request before October 2025, still what most emulators and older producers assume
  /// (API reference of PutRecords, "5 MB for the entire request, including partition keys").
  package static let legacyBytesPerRequest = 5 * 1_048_576

  /// Bytes of data and partition key of one record on a stream left at its default `MaxRecordSizeInKiB` of 1024
  /// (botocore, CreateStream).
  package static let bytesPerRecord = 1_048_576

  /// The highest value `MaxRecordSizeInKiB` can give a stream's records (botocore, UpdateMaxRecordSize).
  package static let bytesPerLargeRecord = 10 * 1_048_576

  /// Records a shard takes per second (developer guide, service-sizes-and-limits).
  package static let recordsPerShardSecond = 1_000

  /// Bytes of data and partition keys a shard takes per second: 1 MiB (botocore, CreateStream; the producer library
  /// and kinesis-hot-shard-advisor use the same 1,048,576).
  package static let bytesPerShardSecond = 1_048_576

  /// Bytes a shard takes in one burst when it may receive large records (developer guide, large-records:
  /// "bursts up to 10 MiB" while averaging 1 MiB/s).
  package static let largeRecordBurstBytes = 10 * 1_048_576

  /// UTF-16 units in the longest partition key. The documents say "256 Unicode characters"; the producer library and
  /// kinesalite, which was tested against production, count UTF-16 units.
  package static let partitionKeyUnits = 256

  /// Characters in the longest stream name (API reference, pattern `[a-zA-Z0-9_.-]+`).
  package static let streamNameCharacters = 128

  /// Bytes of a stream's Amazon resource name (service model, `StreamARN`).
  static let streamARNBytes = 2_048

  /// The most shards of a stream that this program deals with, by number or in a list; five times the default quota of the
  /// large regions (Amazon Kinesis quotas).
  package static let shardsPerStream = 100_000

  /// Bytes a shard hands out per second to all polling consumers together: 2 MiB (developer guide,
  /// service-sizes-and-limits). Consumers on enhanced fan-out have 2 MiB/s each of their own.
  package static let readBytesPerShardSecond = 2 * 1_048_576

  /// GetRecords calls a shard answers per second (botocore, GetRecords).
  package static let readCallsPerShardSecond = 5
}

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
