import Testing

@testable import LoadDriver

@Suite("The oracle of sequence numbers")
struct SequenceOracleTests {
  /// Tells the oracle of an answer and gives how many numbers broke the rule.
  private func answer(
    _ oracle: inout SequenceOracle, sent: Int64, answered: Int64, oldestSent: Int64? = nil,
    _ numbers: [(shard: Int, number: String)]
  ) -> Int {
    let texts = numbers.map { Array($0.number.utf8) }
    let all = texts.flatMap { $0 }
    return all.withUnsafeBytes { bytes in
      var offset = 0
      var violations = 0
      oracle.begin(sent: sent)
      for (index, text) in texts.enumerated() {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + text.count])
        if oracle.note(shard: numbers[index].shard, piece) { violations += 1 }
        offset += text.count
      }
      oracle.end(answered: answered, oldestSent: oldestSent ?? answered)
      return violations
    }
  }

  @Test("Requests after each other: everything must be above everything before")
  func sequential() {
    var oracle = SequenceOracle(shardCount: 2)
    #expect(answer(&oracle, sent: 0, answered: 1, [(0, "99"), (1, "5"), (0, "100")]) == 0)
    #expect(answer(&oracle, sent: 1, answered: 2, [(0, "101"), (1, "4"), (0, "102")]) == 1)
    #expect(answer(&oracle, sent: 2, answered: 3, [(0, "102"), (1, "6")]) == 1)
    #expect(answer(&oracle, sent: 3, answered: 4, [(0, "103"), (1, "1000"), (1, "999")]) == 0)
    #expect(answer(&oracle, sent: 4, answered: 5, [(1, "999"), (1, "1000"), (1, "1001")]) == 2)
  }

  @Test("Numbers are compared as integers, whatever their length")
  func integers() {
    var oracle = SequenceOracle(shardCount: 1)
    let large = "9" + String(repeating: "0", count: 55)
    #expect(answer(&oracle, sent: 0, answered: 1, [(0, "9")]) == 0)
    #expect(answer(&oracle, sent: 1, answered: 2, [(0, "10")]) == 0)
    #expect(answer(&oracle, sent: 2, answered: 3, [(0, "0010")]) == 1)
    #expect(answer(&oracle, sent: 3, answered: 4, [(0, "0011")]) == 0)
    #expect(answer(&oracle, sent: 4, answered: 5, [(0, large)]) == 0)
    #expect(answer(&oracle, sent: 5, answered: 6, [(0, "8" + large.dropFirst())]) == 1)
  }

  @Test("The same number twice in one answer is one too many; another order is not")
  func withinOneAnswer() {
    var oracle = SequenceOracle(shardCount: 2)
    #expect(answer(&oracle, sent: 0, answered: 1, [(0, "7"), (0, "7"), (0, "6"), (1, "7")]) == 1)
  }

  @Test("Requests that overlap say nothing about each other")
  func overlapping() {
    var oracle = SequenceOracle(shardCount: 1)
    // B was sent before A was answered: it may have lower numbers.
    #expect(answer(&oracle, sent: 0, answered: 10, oldestSent: 5, [(0, "50")]) == 0)
    #expect(answer(&oracle, sent: 5, answered: 12, oldestSent: 11, [(0, "40")]) == 0)
    // C was sent after both, and so was D.
    #expect(answer(&oracle, sent: 13, answered: 20, oldestSent: 14, [(0, "45")]) == 1)
    #expect(answer(&oracle, sent: 14, answered: 21, oldestSent: 21, [(0, "49")]) == 1)
  }

  @Test("With requests always on the wire a fall is found two answers later")
  func pipelined() {
    var oracle = SequenceOracle(shardCount: 1)
    // Two connections in turn; each request is sent the moment its connection's answer came.
    var violations = 0
    for turn in 0..<100 {
      let number = turn == 60 ? 1_030 : 1_000 + turn
      violations += answer(
        &oracle, sent: Int64(10 * turn), answered: Int64(10 * turn + 19), oldestSent: Int64(10 * turn + 10),
        [(0, String(number))])
    }
    #expect(violations == 1)
  }
}
