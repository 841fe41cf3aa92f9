import Measurement

/// A piece of HTML or SVG whose foreign text is escaped by construction.
///
/// Literals are ours and go in as they are; an interpolated `String` may hold anything (keys, stream names, messages) and
/// is escaped; another `Markup` is taken as it is. There is no other way in, so nothing can be forgotten.
package struct Markup: ExpressibleByStringInterpolation, Sendable {
  /// The text made so far.
  package private(set) var text: String

  /// An empty piece.
  package init() { text = "" }

  /// A piece of our own source.
  package init(stringLiteral value: String) { text = value }

  /// A piece out of literals and values.
  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Text made by a writer of this module that has escaped what needed it.
  init(trusted text: String) { self.text = text }

  /// Foreign text, escaped.
  package init(escaping value: String) {
    text = ""
    Markup.escape(value, into: &text)
  }

  /// Whether nothing is in it.
  package var isEmpty: Bool { text.isEmpty }

  /// Two pieces as one.
  package static func + (left: Markup, right: Markup) -> Markup {
    var both = left
    both += right
    return both
  }

  /// Appends a piece.
  package static func += (left: inout Markup, right: Markup) { left.text += right.text }

  /// Appends text made by a writer of this module that has escaped what needed it.
  mutating func append(trusted more: String) { text += more }

  /// Escapes `& < > " '` and shows control and direction-changing characters as `\xNN`, so that a key can neither
  /// close a tag nor turn the line round.
  static func escape(_ value: String, into text: inout String) {
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default:
        if let shown = VisibleText.replacement(for: scalar) {
          text += shown
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
  }

  /// Collects the parts of an interpolated literal.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate(set) var text: String

    /// Room for the literal and a guess at its values.
    package init(literalCapacity: Int, interpolationCount: Int) {
      text = ""
      text.reserveCapacity(literalCapacity + interpolationCount * 8)
    }

    /// Our own text.
    package mutating func appendLiteral(_ literal: String) { text += literal }
    /// Foreign text: escaped.
    package mutating func appendInterpolation(_ value: String) { Markup.escape(value, into: &text) }
    /// A finished piece.
    package mutating func appendInterpolation(_ value: Markup) { text += value.text }
    /// Digits as they are.
    package mutating func appendInterpolation(_ value: Int) { text += String(value) }
    /// A coordinate: one decimal at most.
    package mutating func appendInterpolation(at value: Double) { text += PathData.coordinate(value) }
    /// A count whose thousands stand apart by padding only, so that it copies as plain digits.
    package mutating func appendInterpolation(grouped value: String) { text += Markup.grouped(value) }
    /// A count whose thousands stand apart by padding only.
    package mutating func appendInterpolation(count value: Int) { text += Markup.grouped(String(value)) }
  }

  /// Digits with an empty padded element before each group of three; signs, decimals and units pass through.
  ///
  /// - Parameter number: text that starts with an optional `-` and digits; it is ours, not foreign.
  static func grouped(_ number: String) -> String {
    let digits = number.drop { $0 == "-" }.prefix { $0.isASCII && $0.isNumber }
    guard digits.count > 3 else { return number }
    var text = number.hasPrefix("-") ? "-" : ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset) % 3 == 0 { text += "<i class=\"t\"></i>" }
      text.append(digit)
    }
    return text + number[digits.endIndex...]
  }
}

extension Sequence where Element == Markup {
  /// All pieces, one after another, with a separator of ours between them.
  func joined(_ separator: Markup = "") -> Markup {
    var whole = Markup()
    for (index, piece) in enumerated() {
      if index > 0 { whole += separator }
      whole += piece
    }
    return whole
  }
}
