import Kinesis

/// A record kept for GetRecords.
package struct RetainedRecord: Sendable, Equatable {
  package var sequenceNumber: SequenceNumber
  package var arrivalMilliseconds: Int64
  package var partitionKey: [UInt8]
  package var data: [UInt8]

  /// A record of these parts.
  package init(sequenceNumber: SequenceNumber, arrivalMilliseconds: Int64, partitionKey: [UInt8], data: [UInt8]) {
    self.sequenceNumber = sequenceNumber
    self.arrivalMilliseconds = arrivalMilliseconds
    self.partitionKey = partitionKey
    self.data = data
  }

  /// What it counts against the size of an answer: data and key.
  package var byteCount: Int { partitionKey.count + data.count }

  /// What it counts against the bound of the store: data, key and about what their bookkeeping takes.
  package var memoryBytes: Int { byteCount + Self.overheadBytes }

  /// About what the bookkeeping of one record takes.
  package static let overheadBytes = 192

  /// The record as GetRecords writes it.
  package var value: ServiceValue {
    .members(
      ("SequenceNumber", .text(sequenceNumber.digits.description)),
      ("ApproximateArrivalTimestamp", .timestamp(milliseconds: arrivalMilliseconds)), ("Data", .blob(data)),
      ("PartitionKey", .text(String(decoding: partitionKey, as: UTF8.self))))
  }
}
