import Kinesis
import Testing

@Suite struct SequenceNumberTests {
  /// The two numbers of the API reference's sample that are of version 2.
  @Test func theNumbersOfTheDocumentationAreTakenApart() throws {
    let first = try #require(SequenceNumber(decimal: "49543463076548007577105092703039560359975228518395019266"))
    let second = try #require(SequenceNumber(decimal: "49543463076570308322303623326179887152428262250726293522"))
    #expect(first.shard == 0)
    #expect(second.shard == 1)
    #expect(String(decoding: WallSeconds(first.shardCreated).basic, as: UTF8.self) == "20140922T163941Z")
    #expect(String(decoding: WallSeconds(first.taken).basic, as: UTF8.self) == "20140923T001340Z")
    #expect(first.counter == 0x157D)
    #expect(first.digits < second.digits)
    #expect(first.digits.description == "49543463076548007577105092703039560359975228518395019266")
  }

  /// The sample's other numbers, and numbers of other versions.
  @Test(arguments: [
    "49543463076570308322303623326179887152428262250726293588",
    "49543463076548007577105092703039560359975228518395012686",
    "", "0", "1", "21267647932558653966460912964485513216", "4954346307654800757710509270303956035997522851839501926a",
    String(repeating: "9", count: 57), String(repeating: "9", count: 58),
  ])
  func othersAreNotOfVersion2(_ text: String) {
    #expect(SequenceNumber(decimal: text) == nil)
  }

  @Test func theLayoutIsThatOf47HexadecimalDigits() {
    let number = SequenceNumber(
      shardCreated: 0x123456789, shard: 0xABCDEF17, counter: 0x7123456789ABCDEF, taken: 0x987654321)
    #expect(
      number.digits.description
        == decimal(hex: "2" + "123456789" + "7" + "7123456789abcdef" + "00" + "987654321" + "abcdef17" + "2"))
    #expect(SequenceNumber(number.digits) == number)
  }

  /// Schoolbook conversion, one hexadecimal digit at a time.
  func decimal(hex: String) -> String {
    var digits: [Int] = [0]
    for character in hex {
      var carry = character.hexDigitValue ?? 0
      for index in digits.indices.reversed() {
        let value = digits[index] * 16 + carry
        digits[index] = value % 10
        carry = value / 10
      }
      while carry > 0 {
        digits.insert(carry % 10, at: 0)
        carry /= 10
      }
    }
    return digits.map(String.init).joined()
  }

  @Test func randomNumbersComeBackAndCompareAsIntegers() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    var previous: (SequenceDigits, String)?
    for _ in 0..<500 {
      let length = Int.random(in: 1...57, using: &random)
      let zeros = Int.random(in: 0..<length, using: &random)
      let text =
        String(repeating: "0", count: zeros)
        + (zeros..<length).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
      let plain = String(text.drop { $0 == "0" })
      let digits = try #require(SequenceDigits(decimal: text))
      #expect(digits.description == (plain.isEmpty ? "0" : plain), "seed \(seed)")
      if let (other, otherPlain) = previous {
        let expected = plain.count != otherPlain.count ? otherPlain.count < plain.count : otherPlain < plain
        #expect((other < digits) == expected, "seed \(seed)")
      }
      previous = (digits, plain)
    }
  }

  @Test func bordersOfTheLimbsAreWrittenWithTheirZeros() {
    for text in [
      "0", "9999999999999999999", "10000000000000000000", "10000000000000000000000000000000000001",
      "99999999999999999999999999999999999999", "100000000000000000000000000000000000000",
      String(repeating: "9", count: 57),
    ] {
      #expect(SequenceDigits(decimal: text)?.description == text)
    }
    #expect(SequenceDigits(high: 0, low: .max).description == "340282366920938463463374607431768211455")
  }

  @Test func numbersOfAShardRiseAndParse() throws {
    var source = SequenceNumberSource(shard: 7, created: 1_700_000_000)
    #expect(source.last.counter == 0)
    var previous = source.last.digits
    var written: Set<String> = []
    for step in 0..<5_000 {
      // Seconds pass, stand still and go back.
      let second = 1_700_000_000 + Int64([0, 0, 1, 5, 3][step % 5] + step / 1000)
      let digits = source.take(at: second)
      #expect(previous < digits)
      let number = try #require(SequenceNumber(digits))
      #expect(number == SequenceNumber(shardCreated: 1_700_000_000, shard: 7, counter: UInt64(step + 1), taken: second))
      #expect(written.insert(digits.description).inserted)
      #expect(source.last == number)
      previous = digits
    }
  }

  @Test func theCounterCarriesThroughAllLimbs() throws {
    // Adding the step of one counter repeatedly must equal converting afresh, over a long run within one second.
    var source = SequenceNumberSource(shard: 0, created: 1)
    var last: SequenceDigits?
    for _ in 0..<100_000 { last = source.take(at: 1) }
    #expect(last == SequenceNumber(shardCreated: 1, shard: 0, counter: 100_000, taken: 1).digits)
  }
}
