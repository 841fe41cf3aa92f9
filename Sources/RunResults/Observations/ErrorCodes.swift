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

  /// Takes secrets out of a code.
  package var mask: @Sendable (String) -> String = { $0 }

  /// The table with the well-known codes alone.
  package init() {}

  /// The number of a code, given as UTF-8; codes longer than 100 bytes are cut, and secrets and what cannot be seen in them
  /// are replaced, since they come from the target and end up in files and on terminals. O(known codes).
  package mutating func number(of code: UnsafeRawBufferPointer) -> UInt16 {
    let cut = code.prefix(100)
    for (number, name) in names.enumerated() where name.utf8.elementsEqual(cut) { return UInt16(number) }
    // Masked whole and then cut: a piece of a secret shorter than the mask's window would stay.
    let masked = Array(mask(String(decoding: code, as: UTF8.self)).utf8.prefix(100))
    let clean = ErrorTable.printable(String(decoding: masked, as: UTF8.self))
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
