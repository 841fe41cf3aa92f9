import Kinesis

/// The declared form of an operation's input: which members it has, their types and their constraints.
///
/// The shapes follow botocore's service model `kinesis/2013-12-02`; texts and order follow mhart/kinesalite, whose tests
/// were run against production. Members that are not declared are ignored, as the service ignores them.
package struct InputShape: Sendable {
  /// One declared member.
  package struct Member: Sendable {
    package var name: String
    package var type: Kind
    package var constraints: [InputConstraint]

    /// A member of a structure.
    package init(_ name: String, _ type: Kind, _ constraints: InputConstraint...) {
      self.name = name
      self.type = type
      self.constraints = constraints
    }
  }

  /// The type of a member; `Kind` because `Type` is taken by the language.
  package indirect enum Kind: Sendable {
    case boolean
    case integer
    case string
    case blob
    case timestamp
    /// A list; `shownAs` is what a ValidationException prints for each element instead of its value.
    case list(of: Kind, shownAs: String?)
    case map(of: Kind)
    case structure([Member])
  }

  package var members: [Member]

  /// A shape of these members.
  package init(_ members: Member...) {
    self.members = members
  }
}

/// One rule a member has to keep.
package enum InputConstraint: Sendable {
  case notNull
  case minimum(Int64)
  case maximum(Int64)
  case pattern(InputPattern)
  /// UTF-16 units of a text, bytes of a blob, elements of a list or map.
  case minimumLength(Int)
  case maximumLength(Int)
  case oneOf([String])
  case elementLengths(ClosedRange<Int>)
  case keyLengths(ClosedRange<Int>)
  case valueLengths(ClosedRange<Int>)
}

/// The regular expressions of the service model, matched by hand.
package enum InputPattern: String, Sendable {
  case name = "[a-zA-Z0-9_.-]+"
  case hashKey = "0|([1-9]\\d{0,38})"
  case sequenceNumber = "0|([1-9]\\d{0,128})"
  case streamARN = "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+"

  /// Whether the whole text matches. O(length).
  package func matches(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    switch self {
    case .name:
      return !bytes.isEmpty && bytes.allSatisfy(Self.isNameByte)
    case .hashKey:
      return Self.isDecimal(bytes, maximumDigits: 39)
    case .sequenceNumber:
      return Self.isDecimal(bytes, maximumDigits: 129)
    case .streamARN:
      return StreamARN(text) != nil
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isDecimal(_ bytes: [UInt8], maximumDigits: Int) -> Bool {
    guard let first = bytes.first else { return false }
    if first == UInt8(ascii: "0") { return bytes.count == 1 }
    return bytes.count <= maximumDigits && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
