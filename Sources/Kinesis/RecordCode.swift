/// What a PutRecords answer says about one record.
package enum RecordCode: UInt8, Sendable {
  /// Stored: the entry has a sequence number and no error code.
  case accepted

  /// `ProvisionedThroughputExceededException`.
  case throttled

  /// `InternalFailure`.
  case internalFailure

  /// Any other error code, or an entry that holds neither a sequence number nor an error code.
  case other
}
