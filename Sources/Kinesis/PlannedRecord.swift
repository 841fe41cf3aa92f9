/// One record of a plan, without its bytes.
public struct PlannedRecord: Hashable, Sendable {
  /// The record's number within its phase, from 0.
  public var index: UInt64
  /// When it is due, nanoseconds since the start of the run.
  public var due: Int64
  /// Its partition key's number in the plan's catalog of keys.
  public var key: UInt64
  /// Bytes of its data, before base64.
  public var dataBytes: UInt32
  /// UTF-8 bytes of its partition key.
  public var keyBytes: UInt32
  /// The phase's number, from 0.
  public var phase: UInt16

  /// Data and key, as Kinesis counts.
  @inlinable public var bytes: Int { Int(dataBytes) + Int(keyBytes) }

  /// Creates a record.
  @inlinable
  public init(index: UInt64, due: Int64, key: UInt64, dataBytes: UInt32, keyBytes: UInt32, phase: UInt16) {
    self.index = index
    self.due = due
    self.key = key
    self.dataBytes = dataBytes
    self.keyBytes = keyBytes
    self.phase = phase
  }
}

/// Planned records at equal distances in memory, which may be parts of something larger: they are read where they lie.
/// Valid as long as that memory.
public struct PlannedRecords {
  @usableFromInline let base: UnsafeRawPointer?
  /// Bytes from one record's start to the next.
  @usableFromInline let stride: Int
  /// How many.
  public let count: Int

  /// Records one after another.
  @inlinable
  public init(_ records: UnsafeBufferPointer<PlannedRecord>) {
    base = UnsafeRawPointer(records.baseAddress)
    stride = MemoryLayout<PlannedRecord>.stride
    count = records.count
  }

  /// The records at the start of these elements.
  ///
  /// - Precondition: a `PlannedRecord` is the first thing in an element.
  @inlinable
  public init<Element>(atStartOf elements: UnsafeMutableBufferPointer<Element>) {
    base = UnsafeRawPointer(elements.baseAddress)
    stride = MemoryLayout<Element>.stride
    count = elements.count
  }

  /// A record by its place, which is below `count`.
  @inlinable
  public subscript(position: Int) -> PlannedRecord {
    guard let base else { preconditionFailure("there are no records") }
    return base.load(fromByteOffset: position &* stride, as: PlannedRecord.self)
  }
}
