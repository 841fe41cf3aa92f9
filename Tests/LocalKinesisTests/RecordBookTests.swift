import Measurement
import Observations
import Testing

@testable import LocalKinesis

/// Records kept apart by content, on short stories and against a slow book that remembers everything.
@Suite struct RecordBookTests {
  /// A story: record, key and outcome at each tenth of a second.
  private struct Step {
    var record: UInt64
    var key: UInt128
    var outcome: ObservedTry.Outcome
  }

  /// Reads `a+ b- a!`: a letter a record, `+` accepted, `-` throttled, `!` failed; capitals share the key of all capitals.
  private static func steps(_ story: String) -> [Step] {
    story.split(separator: " ").map { word in
      let letter = word.utf8.first ?? 0
      let outcome: ObservedTry.Outcome = word.hasSuffix("+") ? .accepted : word.hasSuffix("-") ? .throttled : .fault
      return Step(record: UInt64(letter), key: letter < 0x61 ? 1 : UInt128(letter), outcome: outcome)
    }
  }

  private static func book(_ story: String) -> RecordBook {
    var book = RecordBook()
    for (index, step) in steps(story).enumerated() {
      let time = Int64(index) * 100_000_000
      _ = book.take(
        ObservedTry(print: step.record, keyHash: step.key, shard: 0, size: 1, outcome: step.outcome), arrived: time,
        answered: time + 10_000_000)
    }
    return book
  }

  @Test(arguments: [
    ("all accepted", "a+ b+ c+", 3, 3, 0, 0, 0, 0),
    ("refused and never sent again", "a+ b- c!", 3, 1, 0, 0, 0, 0),
    ("a retry that is accepted", "a- a+", 1, 1, 0, 1, 0, 0),
    ("several retries in vain", "a- a- a!", 1, 0, 0, 2, 0, 0),
    ("accepted twice", "a+ a+", 1, 1, 1, 0, 1, 0),
    ("sent again, and refused then", "a+ a-", 1, 1, 0, 0, 1, 0),
    ("refused, accepted, and accepted again", "a- a+ a+", 1, 1, 1, 1, 1, 0),
    ("overtaken by a later record of its key", "A- B+ A+", 2, 2, 0, 1, 0, 1),
    ("overtaken by one of another key", "A- b+ A+", 2, 2, 0, 1, 0, 0),
    ("two overtaken by one", "A- B- C+ A+ B+", 3, 3, 0, 2, 0, 2),
    ("retried in order", "A- B- A+ B+", 2, 2, 0, 2, 0, 0),
    ("retried in reverse", "A- B- B+ A+", 2, 2, 0, 2, 0, 1),
    ("a duplicate is not judged again", "A+ B+ A+", 2, 2, 1, 0, 1, 0),
  ])
  func aStoryIsCounted(
    name: String, story: String, distinct: Int, delivered: Int, duplicates: Int, retries: Int, repeats: Int,
    reordered: Int
  ) {
    let counts = Self.book(story).now
    #expect(counts.distinct == distinct)
    #expect(counts.delivered == delivered)
    #expect(counts.lost == distinct - delivered)
    #expect(counts.duplicates == duplicates)
    #expect(counts.retries == retries)
    #expect(counts.repeats == repeats)
    #expect(counts.reordered == reordered)
    #expect(counts.isBalanced)
  }

  @Test func aGapIsFromARefusalsAnswerToTheNextTry() {
    let book = Self.book("a- a- a+")
    #expect(book.gaps.count == 2)
    #expect(abs(book.gaps.value(at: .p50) - 90_000_000) < 100_000)
  }

  @Test func whatWasTriedOnceAndLostIsTold() {
    let counts = Self.book("a- b- b- c+").now
    #expect(counts.lost == 2)
    #expect(counts.lostAfterOneTry == 1)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func itAgreesWithABookThatRemembersEverything(seed: UInt64) {
    var random = SequenceRandom(state: seed)
    var book = RecordBook(slots: 1 << 12)
    var first: [UInt64: Int] = [:]
    var accepted: [UInt64: Int] = [:]
    var tops: [UInt128: Int] = [:]
    var (duplicates, retries, repeats, reordered) = (0, 0, 0, 0)
    for step in 0..<5_000 {
      let record = random.next() % 800
      let key = UInt128(record % 7)
      let outcome: ObservedTry.Outcome = random.next() % 3 == 0 ? .accepted : .throttled
      let time = Int64(step) * 1_000_000
      _ = book.take(
        ObservedTry(print: record &* 0x9E37_79B9_7F4A_7C15, keyHash: key, shard: 0, size: 1, outcome: outcome),
        arrived: time, answered: time)
      if first[record] == nil {
        first[record] = step
      } else if accepted[record] != nil {
        repeats += 1
      } else {
        retries += 1
      }
      if outcome == .accepted {
        if accepted[record] == nil {
          if let top = tops[key], let own = first[record], own < top { reordered += 1 }
          tops[key] = max(tops[key] ?? 0, first[record] ?? 0)
        } else {
          duplicates += 1
        }
        accepted[record, default: 0] += 1
      }
    }
    let counts = book.now
    #expect(counts.distinct == first.count)
    #expect(counts.delivered == accepted.count)
    #expect((counts.duplicates, counts.retries, counts.repeats) == (duplicates, retries, repeats))
    #expect(counts.reordered == reordered)
    #expect(counts.isBalanced)
  }

  /// With so many different records, n² / 2^33 of them share 32 bits: here 10.5 are expected, and between 1 and 30 come in
  /// all but one of 10,000 cases.
  @Test func printsCutTo32BitsTakeAFewRecordsForOthers() {
    var random = SequenceRandom(state: 7)
    var book = RecordBook(printBits: 32)
    let count = 300_000
    for _ in 0..<count {
      _ = book.take(
        ObservedTry(print: random.next(), keyHash: 1, shard: 0, size: 1, outcome: .accepted), arrived: 0, answered: 0)
    }
    #expect((1...30).contains(count - book.now.distinct))
    #expect(book.now.isBalanced)
  }

  @Test func theOldestAreForgottenAndCounted() {
    let table = PrintTable(slots: 64)
    for print in 0..<200 { #expect(table.note(UInt64(print) << 8, ordinal: UInt64(print), isAccepted: true) == nil) }
    #expect(table.forgotten > 100)
    // The latest half of the bound is remembered.
    #expect(table.note(199 << 8, ordinal: 200, isAccepted: false) == .init(ordinal: 199, wasAccepted: true))
    #expect(table.note(0, ordinal: 201, isAccepted: false) == nil)
  }

  @Test func aCopyGoesOnByItself() {
    var book = Self.book("a+ b-")
    var copy = book.copy()
    _ = copy.take(
      ObservedTry(print: 98, keyHash: 98, shard: 0, size: 1, outcome: .accepted), arrived: 500_000_000,
      answered: 500_000_000)
    #expect(copy.now.delivered == 2)
    #expect(book.now.delivered == 1)
    _ = book.take(
      ObservedTry(print: 97, keyHash: 97, shard: 0, size: 1, outcome: .accepted), arrived: 500_000_000,
      answered: 500_000_000)
    #expect(book.now.duplicates == 1)
    #expect(copy.now.duplicates == 0)
  }

  @Test(arguments: [
    ("ten at once", Array(repeating: 0, count: 10), 1.0, 1),
    ("one each 20 ms", (0..<10).map { $0 * 20 }, 0.1, 1),
    ("half of them in step", [0, 1, 2, 3, 4, 100, 200, 300, 400, 500], 0.5, 1),
    ("too few to tell", [0, 0, 0], nil, 0),
    ("two episodes, the second in step", (0..<10).map { $0 * 100 } + Array(repeating: 5_000, count: 10), 1.0, 2),
  ])
  func retriesTogetherAreTheLargestShareOfAnEpisode(name: String, at: [Int], share: Double?, count: Int) {
    var episodes = RetryEpisodes()
    for time in at { episodes.note(at: Int64(time) * 1_000_000) }
    #expect(episodes.largestShare == share)
    #expect(episodes.count == count)
  }

  @Test(arguments: [
    ("one full request", [(0, 500, 10)], 1),
    ("ten of one record at once", (0..<10).map { ($0, 1, 10) }, 1),
    ("ten of one record, each in a tenth of its own", (0..<10).map { ($0 * 100, 1, 10) }, 10),
    ("501 records", [(0, 500, 10), (1, 1, 10)], 2),
    ("bytes bind", [(0, 10, 1_000_000), (1, 10, 1_000_000)], 2),
  ])
  func requestsThatWouldHaveSufficed(name: String, requests: [(Int, Int, Int)], needed: Int) {
    var fill = RequestFill()
    for (time, records, size) in requests {
      let attempt = ObservedTry(print: 0, keyHash: 0, shard: 0, size: Int32(size), outcome: .accepted)
      fill.take(Array(repeating: attempt, count: records), arrived: Int64(time) * 1_000_000)
    }
    #expect(fill.needed == needed)
  }
}
