/// The text of one cell as it stands in a file, still quoted where it was quoted.
package struct CSVText {
  /// The bytes between the separators, without the outer quotes.
  package let bytes: ArraySlice<UInt8>
  /// True when the cell was quoted, so that doubled quotes in `bytes` stand for one.
  package let isQuoted: Bool

  /// The cell as it stands in the file, quotes included.
  package var written: [UInt8] { isQuoted ? [0x22] + bytes + [0x22] : Array(bytes) }

  /// The text with doubled quotes undone.
  package var string: String {
    guard isQuoted, bytes.contains(0x22) else { return String(decoding: bytes, as: UTF8.self) }
    var plain: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      plain.append(bytes[index])
      index += bytes[index] == 0x22 ? 2 : 1
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
