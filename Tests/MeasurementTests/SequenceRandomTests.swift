import Foundation
import Testing

@testable import Measurement

@Suite struct SequenceRandomTests {
  private static let sentinel: UInt8 = 0x07

  /// The base64 text of `byteCount` bytes, checked not to touch the memory behind it.
  private func text(ofByteCount byteCount: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SequenceRandom(CounterRandom(seed: seed), 0)
    let length = (byteCount + 2) / 3 * 4
    var buffer = [UInt8](repeating: Self.sentinel, count: length + 32)
    let written = buffer.withUnsafeMutableBufferPointer { pointer in
      pointer.baseAddress.map { random.writeBase64(ofByteCount: byteCount, to: $0) }
    }
    #expect(written == length)
    #expect(buffer[length...].allSatisfy { $0 == Self.sentinel })
    return Array(buffer[..<length])
  }

  @Test(arguments: 0...70)
  func textIsCanonicalBase64OfExactlyTheLength(byteCount: Int) throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      let text = text(ofByteCount: byteCount, seed: seed)
      let data = try #require(Data(base64Encoded: Data(text)))
      #expect(data.count == byteCount)
      #expect(Array(data.base64EncodedData()) == text)
    }
  }

  @Test func aPayloadDependsOnItsIndexAlone() {
    var first = SequenceRandom(CounterRandom(seed: 3), 17)
    var again = SequenceRandom(CounterRandom(seed: 3), 17)
    var other = SequenceRandom(CounterRandom(seed: 3), 18)
    let word = first.next()
    #expect(again.next() == word)
    #expect(other.next() != word)
    #expect(first.next() != word)
  }

  @Test func theDecodedBytesAreUniform() throws {
    let data = try #require(Data(base64Encoded: Data(text(ofByteCount: 60_000))))
    var counts = [Int](repeating: 0, count: 256)
    for byte in data { counts[Int(byte)] += 1 }
    #expect(ChiSquare(counts: counts, masses: [Double](repeating: 1.0 / 256, count: 256)).isPlausible)
  }

  @Test func everyPositionOfAWordUsesTheWholeAlphabet() {
    var seen = [Set<UInt8>](repeating: [], count: 8)
    for (position, character) in text(ofByteCount: 12_000).enumerated() { seen[position % 8].insert(character) }
    #expect(seen.allSatisfy { $0.count == 64 })
  }

  /// At every length, so that every width of the loop is met, and with bits above the six that count.
  @Test(arguments: 0...64)
  func everyGroupBecomesItsCharacter(count: Int) {
    let random = SequenceRandom(state: 0)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for high in [0, 0x40, 0x80, 0xC0] as [UInt8] {
      var bytes = (0..<UInt8(64)).map { $0 | high }
      bytes.withUnsafeMutableBufferPointer { buffer in
        if let start = buffer.baseAddress { random.writeCharacters(count: count, over: start) }
      }
      #expect(bytes[..<count].elementsEqual(alphabet[..<count]))
      #expect(bytes[count...].elementsEqual((UInt8(count)..<64).map { $0 | high }))
    }
  }

  /// Recorded: payload bytes are part of what a plan is.
  @Test func theSequenceStaysAsItIs() {
    #expect(String(decoding: text(ofByteCount: 25), as: UTF8.self) == RecordedNumbers.payload)
  }
}
