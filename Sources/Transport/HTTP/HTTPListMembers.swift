/// The members of a comma-separated field value, without the white space around them; empty ones are members too (RFC
/// 9110 section 5.6.1). Unlike `split` it allocates nothing, since a length is read in every message.
struct HTTPListMembers: Sequence, IteratorProtocol {
  private var rest: UnsafeRawBufferPointer?

  /// The members of this value, at least one.
  init(_ value: UnsafeRawBufferPointer) {
    rest = value
  }

  /// The next member.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard let rest else { return nil }
    guard let comma = rest.firstIndex(of: UInt8(ascii: ",")) else {
      self.rest = nil
      return HTTPText.trimmed(rest)
    }
    self.rest = UnsafeRawBufferPointer(rebasing: rest[(comma + 1)...])
    return HTTPText.trimmed(UnsafeRawBufferPointer(rebasing: rest[..<comma]))
  }
}
