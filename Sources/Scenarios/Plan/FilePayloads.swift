import Kinesis
import Measurement

/// The contents of some files, kept as base64 text, as the data of records.
package final class FilePayloads: Sendable, Hashable {
  /// All files of a scenario together have at most this many bytes.
  static let largestTotal = 64 << 20

  private let text: [UInt8]
  /// Where each file's text begins in `text`.
  private let starts: [Int]
  private let sizes: [Int]
  private let contentHash: String

  /// Takes files, at least one.
  init(_ files: [[UInt8]]) {
    precondition(!files.isEmpty, "payloads of no file")
    var text: [UInt8] = []
    var starts: [Int] = []
    var hash = SHA256()
    for file in files {
      starts.append(text.count)
      let length = Base64.encodedLength(of: file.count)
      text.append(contentsOf: repeatElement(0, count: length))
      file.withUnsafeBytes { bytes in
        hash.update("\(bytes.count) ")
        hash.update(bytes)
        text.withUnsafeMutableBufferPointer { text in
          if let start = text.baseAddress { Base64.encode(bytes, to: start + (text.count - length)) }
        }
      }
    }
    self.text = text
    self.starts = starts
    sizes = files.map(\.count)
    contentHash = hash.finish().hex
  }

  /// How many files.
  var count: Int { sizes.count }

  /// Which file is record `index`'s data: each is equally likely.
  @inline(__always)
  func choice(of index: UInt64, _ random: CounterRandom) -> Int { Int(random.below(UInt64(count), index)) }

  /// Bytes of a file.
  func size(of file: Int) -> Int { sizes[file] }

  /// Writes a file as base64 text.
  func writeBase64(_ file: Int, to target: UnsafeMutablePointer<UInt8>) {
    text.withUnsafeBufferPointer { text in
      guard let start = text.baseAddress else { return }
      target.update(from: start + starts[file], count: Base64.encodedLength(of: sizes[file]))
    }
  }

  package static func == (left: FilePayloads, right: FilePayloads) -> Bool { left.contentHash == right.contentHash }
  package func hash(into hasher: inout Hasher) { hasher.combine(contentHash) }
}

extension PayloadRule {
  /// The files, where they are the data.
  var files: FilePayloads? {
    if case .files(let files) = self { files } else { nil }
  }
}
