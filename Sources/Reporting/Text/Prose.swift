/// A sentence made by a rule, once, for every surface: HTML with bold names and set-apart digits, Markdown, plain text.
package struct Prose: ExpressibleByStringInterpolation, Sendable, Equatable {
  /// A stretch of the sentence.
  enum Piece: Sendable, Equatable {
    case plain(String)
    case strong(String)
    case code(String)
    case number(String)
  }

  private(set) var pieces: [Piece]

  /// Our own words.
  package init(stringLiteral value: String) { pieces = value.isEmpty ? [] : [.plain(value)] }

  /// Words and values.
  package init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  /// Nothing.
  package init() { pieces = [] }

  /// Several parts with our own words between them.
  init(joining parts: [Prose], with separator: String) {
    pieces = []
    for (index, part) in parts.enumerated() {
      if index > 0 { pieces.append(.plain(separator)) }
      pieces += part.pieces
    }
  }

  /// Whether nothing is said.
  package var isEmpty: Bool { pieces.isEmpty }

  /// Joins two sentences with a space.
  package static func + (left: Prose, right: Prose) -> Prose {
    if left.isEmpty { return right }
    if right.isEmpty { return left }
    var both = left
    both.pieces.append(.plain(" "))
    both.pieces += right.pieces
    return both
  }

  /// For the page.
  package var html: Markup {
    pieces.map { piece -> Markup in
      switch piece {
      case .plain(let text): "\(text)"
      case .strong(let text): "<b>\(text)</b>"
      case .code(let text): "<span class=\"mono\(text.count <= 24 ? " nb" as Markup : "")\">\(text)</span>"
      case .number(let text): "\(grouped: text)"
      }
    }.joined()
  }

  /// For GitHub's and GitLab's Markdown; foreign text cannot leave its code span or start markup.
  package var markdown: String {
    pieces.map { piece in
      switch piece {
      case .plain(let text), .number(let text): MarkdownText.escape(text)
      case .strong(let text): "**\(MarkdownText.escape(text))**"
      case .code(let text): MarkdownText.code(text)
      }
    }.joined()
  }

  /// For the terminal, JUnit and descriptions of drawings.
  package var plain: String {
    pieces.map { piece in
      switch piece {
      case .plain(let text), .strong(let text), .code(let text), .number(let text): text
      }
    }.joined()
  }

  /// Collects the parts of a sentence.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate(set) var pieces: [Piece] = []

    /// An empty sentence.
    package init(literalCapacity: Int, interpolationCount: Int) { pieces.reserveCapacity(interpolationCount * 2 + 1) }

    /// Our own words.
    package mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.plain(literal)) }
    }
    /// A value among the words.
    package mutating func appendInterpolation(_ value: String) { pieces.append(.plain(value)) }
    /// A name that carries the sentence.
    package mutating func appendInterpolation(strong value: String) { pieces.append(.strong(value)) }
    /// Foreign text such as a key.
    package mutating func appendInterpolation(code value: String) { pieces.append(.code(value)) }
    /// A count.
    package mutating func appendInterpolation(_ value: Int) { pieces.append(.number(String(value))) }
    /// A rate without decimals.
    package mutating func appendInterpolation(rate value: Double) {
      pieces.append(.number(NumberFormat.fixed(value, 0)))
    }
    /// Another sentence or part of one.
    package mutating func appendInterpolation(_ value: Prose) { pieces += value.pieces }
  }
}
