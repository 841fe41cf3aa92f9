import Kinesis
import Measurement

/// `histograms.hlog`: HdrHistogram's interval log, format 1.3, which its own tools read; one line a distribution, told apart
/// by tags.
struct HistogramLog {
  static let fileName = "histograms.hlog"

  private var bytes: [UInt8] = []
  private let length: Double

  /// A log of one interval, the measured time.
  init(start: WallTime, end: WallTime) {
    length = Double(end.microsecondsSinceEpoch - start.microsecondsSinceEpoch) / 1e6
    bytes += Array("#[Histogram log format version 1.3]\n#[StartTime: ".utf8)
    DecimalText.append(Double(start.microsecondsSinceEpoch) / 1e6, decimals: 3, to: &bytes)
    bytes += Array(" (seconds since epoch), \(start.iso8601)]\n".utf8)
    bytes += Array("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n".utf8)
  }

  /// Adds a distribution in nanoseconds; an empty one has no line. The tag may be foreign: it is reduced to what a tag takes. The maximum is in milliseconds, as the tools expect.
  mutating func append(_ histogram: Histogram, tag: String) {
    guard !histogram.isEmpty else { return }
    bytes += Array("Tag=\(VisibleText.tag(tag)),0.000,".utf8)
    DecimalText.append(length, decimals: 3, to: &bytes)
    bytes.append(UInt8(ascii: ","))
    DecimalText.append(Double(histogram.max) / 1e6, decimals: 3, to: &bytes)
    bytes.append(UInt8(ascii: ","))
    let encoded = histogram.encodedV2Compressed()
    let start = bytes.count
    bytes += [UInt8](repeating: 0, count: Base64.encodedLength(of: encoded.count))
    encoded.withUnsafeBytes { source in
      bytes.withUnsafeMutableBufferPointer { target in
        guard let base = target.baseAddress else { return }
        Base64.encode(source, to: base + start)
      }
    }
    bytes.append(0x0A)
  }

  /// The text since the last call.
  mutating func takeBytes() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}
