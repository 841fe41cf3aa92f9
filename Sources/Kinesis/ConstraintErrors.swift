/// Collects the broken constraints of a PutRecords request in the words of ValidationException.
///
/// Source: kinesalite `validations/index.js` and `test/putRecords.js`, run against production. The service names at most
/// ten, in an order that changes from answer to answer.
struct ConstraintErrors {
  private var errors: [String] = []

  private static let maximum = 10

  /// `PutRecordsRequestEntry` as the service's language prints it. The digits are a hash of the entry's content that
  /// nobody can use; these are kinesalite's.
  private static let entryText = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"

  private static let notNull = "Member must not be null"
  private static let hashKeyPattern = #"Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})"#
  private static let namePattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
  private static let arnPattern =
    #"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+"#

  /// The whole text, or `nil` when nothing is broken.
  var message: String? {
    guard !errors.isEmpty else { return nil }
    return "\(errors.count) validation error\(errors.count > 1 ? "s" : "") detected: "
      + errors.joined(separator: "; ")
  }

  /// Goes through a request that breaks some constraint, or may.
  mutating func check(
    _ request: PutRecordsRequestDecoder.Request, _ records: [RequestRecord], of decoder: PutRecordsRequestDecoder
  ) {
    if let count = request.recordCount {
      checkLength(count, 1...decoder.limits.records, at: "records") {
        // The service would print them all; a body of millions of empty entries must not become a text of gigabytes.
        let shown = min(count, PutRecordsRequestDecoder.maximumKept)
        return "[" + repeatElement(Self.entryText, count: shown).joined(separator: ", ") + "]"
      }
      for (index, record) in records.enumerated() where errors.count < Self.maximum {
        check(record, at: "records.\(index + 1).member", of: decoder)
      }
    } else {
      add(nil, "records", Self.notNull)
    }
    if let name = request.name {
      if name.isEmpty || !Self.hasNameCharacters(name) { add(name, "streamName", Self.namePattern) }
      checkLength(name.utf16.count, 1...KinesisLimits.streamNameCharacters, at: "streamName") { name }
    } else if request.arn == nil {
      add(nil, "streamName", Self.notNull)
    }
    if let arn = request.arn, !Self.isStreamARN(arn) { add(arn, "streamARN", Self.arnPattern) }
  }

  private mutating func check(_ record: RequestRecord, at path: String, of decoder: PutRecordsRequestDecoder) {
    if record.isNull {
      add(nil, path, Self.notNull)
      return
    }
    if record.hasKey {
      let key = String(decoding: decoder.bytes(record.key), as: UTF8.self)
      checkLength(key.utf16.count, 1...KinesisLimits.partitionKeyUnits, at: path + ".partitionKey") { key }
    } else {
      add(nil, path + ".partitionKey", Self.notNull)
    }
    if record.hashKeyIsMalformed {
      let text = String(decoding: decoder.bytes(record.explicit), as: UTF8.self)
      add(text, path + ".explicitHashKey", Self.hashKeyPattern)
    }
    if record.hasData {
      let length = record.dataLength
      checkLength(length, 0...decoder.limits.bytesPerRecord, at: path + ".data") {
        "java.nio.HeapByteBuffer[pos=0 lim=\(length) cap=\(length)]"
      }
    } else {
      add(nil, path + ".data", Self.notNull)
    }
  }

  private mutating func checkLength(
    _ length: Int, _ allowed: ClosedRange<Int>, at path: String, _ value: () -> String
  ) {
    if length < allowed.lowerBound {
      add(value(), path, "Member must have length greater than or equal to \(allowed.lowerBound)")
    } else if length > allowed.upperBound {
      add(value(), path, "Member must have length less than or equal to \(allowed.upperBound)")
    }
  }

  private mutating func add(_ value: String?, _ path: String, _ rule: String) {
    guard errors.count < Self.maximum else { return }
    let shown = value.map { "'\($0)'" } ?? "null"
    errors.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(rule)")
  }

  // MARK: Patterns

  /// Whether a name meets pattern and length: `[a-zA-Z0-9_.-]+`, at most 128.
  static func isStreamName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= KinesisLimits.streamNameCharacters && hasNameCharacters(name)
  }

  private static func hasNameCharacters(_ name: String) -> Bool {
    name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D: true
      default: false
      }
    }
  }

  /// Whether a text is `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`.
  private static func isStreamARN(_ arn: String) -> Bool {
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "kinesis" else { return false }
    guard parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return false }
    let resource = parts[5]
    return resource.hasPrefix("stream/") && resource.utf8.count > 7 && !resource.contains(where: \.isWhitespace)
  }
}
