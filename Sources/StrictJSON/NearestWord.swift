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
