/// What a run knows of one record, all its tries together.
package struct RecordOutcome: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// An answer gave it a sequence number.
  package static let accepted = RecordOutcome(rawValue: 1)
  /// A try got no usable answer: it may have been accepted.
  package static let unknown = RecordOutcome(rawValue: 2)
}
