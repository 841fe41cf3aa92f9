/// Why bytes are no histogram this module can read.
package struct HistogramFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with them.
  package enum Reason: Hashable, Sendable {
    /// The bytes end before the histogram does.
    case truncated
    /// The first four bytes are another format's.
    case unknownCookie(UInt32)
    /// A header field has a value that no histogram of this kind has.
    case unsupportedHeader(String)
    /// A count is negative, too large, or beyond the highest bucket.
    case badCounts
    /// The zlib stream is damaged.
    case badStream
    /// The zlib stream is compressed; only stored blocks, which this tool writes, are read.
    case compressedBlocks
  }

  /// What is wrong.
  package let reason: Reason

  init(_ reason: Reason) {
    self.reason = reason
  }

  /// A sentence for the user.
  package var description: String {
    switch reason {
    case .truncated: "the histogram's bytes end too early"
    case .unknownCookie(let cookie): "not an HdrHistogram V2 encoding (it begins with 0x\(String(cookie, radix: 16)))"
    case .unsupportedHeader(let field): "unsupported value of the histogram header's field \(field)"
    case .badCounts: "the histogram's counts are damaged"
    case .badStream: "the histogram's zlib stream is damaged"
    case .compressedBlocks: "the histogram is deflated; only stored zlib blocks, as shardmeter writes them, are read"
    }
  }
}
