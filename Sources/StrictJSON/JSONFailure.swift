/// Why a document was refused: where, what was expected there, what was found, and the word that was probably meant.
package struct JSONFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the offending text stands.
  package let location: JSONLocation
  /// The value it concerns; the root for text that is not JSON at all.
  package let path: JSONPath
  /// Completes "expected …".
  package let expected: String
  /// Completes "found …".
  package let found: String
  /// The nearest valid word, if one is near.
  package let suggestion: String?

  /// Creates a failure from its parts.
  package init(
    location: JSONLocation, path: JSONPath, expected: String, found: String, suggestion: String? = nil
  ) {
    self.location = location
    self.path = path
    self.expected = expected
    self.found = found
    self.suggestion = suggestion
  }

  /// The file's name as the user gave it.
  package var source: String { location.source }
  /// From 1; 0 when unknown.
  package var line: Int { location.line }
  /// In bytes, from 1; 0 when unknown.
  package var column: Int { location.column }

  /// One line: `burst.json: phases[1].rate: expected …, found "fast" (line 7, column 15)`.
  package var description: String {
    var text = source + ": "
    if !path.isRoot { text += path.description + ": " }
    text += "expected \(expected), found \(found)"
    if line > 0 { text += " (line \(line), column \(column))" }
    if let suggestion { text += "; did you mean \"\(suggestion)\"?" }
    return text
  }
}

/// Where a value stands in the text it was read from.
package struct JSONLocation: Hashable, Sendable {
  /// The file's name as the user gave it, or another name for where the text came from.
  package let source: String
  /// From 1; 0 when the value stands in no text (an override from the command line).
  package let line: Int
  /// In bytes, from 1; 0 when the value stands in no text.
  package let column: Int

  /// Creates a location; without line and column it names the source alone.
  package init(source: String, line: Int = 0, column: Int = 0) {
    self.source = source
    self.line = line
    self.column = column
  }
}

/// The way from the document's root to a value, written as a person would: `phases[1].rate`.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  /// The path as text; empty for the root.
  package let description: String

  /// The document itself.
  package static let root = JSONPath(text: "")

  private init(text: String) { description = text }

  /// True for the document itself.
  package var isRoot: Bool { description.isEmpty }

  /// The path of an object's member. A name that is not a plain word is quoted: `values["a.b"]`.
  package func member(_ name: String) -> JSONPath {
    guard Self.isPlain(name) else {
      var bytes: [UInt8] = []
      JSONStringEscaping.append(name, to: &bytes)
      return JSONPath(text: description + "[" + String(decoding: bytes, as: UTF8.self) + "]")
    }
    return JSONPath(text: isRoot ? name : description + "." + name)
  }

  /// The path of an array's element, counted from 0.
  package func element(_ index: Int) -> JSONPath { JSONPath(text: "\(description)[\(index)]") }

  private static func isPlain(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x5F || byte == 0x2D || byte == 0x24
    }
  }
}

/// The word of a list that a mistyped word most probably meant, or `nil` when none is near.
///
/// Near is an edit distance (insert, delete, replace, swap neighbours; case is free) of at most a third of the longer
/// word, at least one; or a beginning of at least three letters. Ties go to the earlier word. O(words x length²).
package func nearestWord(to word: String, in words: [String]) -> String? {
  let wanted = Array(word.lowercased().unicodeScalars)
  guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in words where candidate != word {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let distance = editDistance(wanted, letters)
    let isNear = distance <= max(1, max(wanted.count, letters.count) / 3)
    let isBeginning =
      wanted.count >= 3 && (letters.starts(with: wanted) || (letters.count >= 3 && wanted.starts(with: letters)))
    guard isNear || isBeginning else { continue }
    let score = isNear ? distance : letters.count + wanted.count
    if score < (best?.distance ?? Int.max) { best = (candidate, score) }
  }
  return best?.word
}

/// Optimal string alignment distance: Levenshtein plus swaps of neighbours.
private func editDistance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...second.count)
  for row in 0..<first.count {
    var current = [row + 1]
    for column in 0..<second.count {
      let replace = last[column] + (first[row] == second[column] ? 0 : 1)
      var cost = min(replace, min(last[column + 1], current[column]) + 1)
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[second.count]
}
