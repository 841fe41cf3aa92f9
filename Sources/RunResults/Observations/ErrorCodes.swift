/// Numbers for the error codes a lane meets, so that an observation carries two bytes instead of a string. Every lane has
/// its own; merging goes by the names.
package struct ErrorCodes: Sendable {
  /// No error.
  package static let none: UInt16 = 0
  /// `ProvisionedThroughputExceededException`.
  package static let throttled: UInt16 = 1
  /// `InternalFailure`.
  package static let internalFailure: UInt16 = 2
  /// Stands for every further code once `maximumCount` are known, so that a hostile target cannot grow the table.
  package static let further: UInt16 = 3
  /// The most different codes kept.
  package static let maximumCount = 128

  /// The names by number.
  package private(set) var names = ["", "ProvisionedThroughputExceededException", "InternalFailure", "(further codes)"]

  /// The table with the well-known codes alone.
  package init() {}

  /// The number of a code, given as UTF-8; codes longer than 100 bytes are cut, and what is no printable text in them is
  /// replaced, since they come from the target and end up in files and on terminals. O(known codes).
  package mutating func number(of code: UnsafeRawBufferPointer) -> UInt16 {
    let cut = code.prefix(100)
    for (number, name) in names.enumerated() where name.utf8.elementsEqual(cut) { return UInt16(number) }
    let clean = ErrorTable.printable(String(decoding: cut, as: UTF8.self))
    if let number = names.firstIndex(of: clean) { return UInt16(number) }
    guard names.count < Self.maximumCount else { return Self.further }
    names.append(clean)
    return UInt16(names.count - 1)
  }

  /// The number of a code.
  package mutating func number(of code: String) -> UInt16 {
    var code = code
    return code.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
  }
}
