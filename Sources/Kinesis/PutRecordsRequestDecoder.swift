/// Reads PutRecords requests on the endpoint's side, in one pass and without allocation once its memory has grown to
/// the largest request.
///
/// A well-formed request is only looked at: keys and data stay where they are in the body, base64 is checked but not
/// decoded. What breaks a rule is only told from what does not: which rule, and in which words, is for whoever reads the
/// body into a tree, as for every other operation.
package final class PutRecordsRequestDecoder {
  /// What a body turned out to be, in the order in which the service checks.
  package enum Outcome: Hashable, Sendable {
    /// A request that passes every check that needs no stream; look at ``argumentRefusal`` once the stream is found.
    case request
    /// Not JSON, or neither an object nor an array: 400 `{"__type":"SerializationException"}` without a message.
    case malformed
    /// A member of the wrong type or a broken constraint, or perhaps so: what is repeated counts here even where a later
    /// member of the same name is right. If none is found after all, the records stand.
    case irregular
  }

  /// The limits that apply.
  package let limits: RequestLimits

  /// The records of the last request, valid until the next `decode`.
  @exclusivity(unchecked) package internal(set) var records: [RequestRecord] = []

  /// The stream's name, given or taken from its ARN; empty when the request has neither.
  package var streamName: String { request.name ?? request.arn.map(Self.name(inARN:)) ?? "" }

  /// The stream's ARN when the request gives one.
  package var streamARN: String? { request.arn }

  /// What the members of the request say, apart from the kept records.
  struct Request {
    /// `StreamName`.
    var name: String?
    /// `StreamARN`.
    var arn: String?
    /// Entries of `Records`, kept or not; `nil` without such a list.
    var recordCount: Int?
    /// Bytes of data and keys.
    var size = 0
    /// Whether a value is of a wrong type, or a record breaks a constraint.
    var isIrregular = false
    /// Whether a record is too large with its key, or its hash key out of range.
    var mayBeRefused = false
  }

  @exclusivity(unchecked) var request = Request()
  @exclusivity(unchecked) private var body = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Strings that the request wrote with escapes, without them.
  @exclusivity(unchecked) var scratch: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) var scratchCapacity = 4096
  @exclusivity(unchecked) var scratchCount = 0
  /// The last stream name seen: most requests repeat it, and its `String` need not be made again.
  var lastName = ""

  /// Makes a decoder that applies the limits of a request.
  package init(limits: RequestLimits = RequestLimits()) {
    self.limits = limits
    scratch = .allocate(capacity: scratchCapacity)
    records.reserveCapacity(limits.records)
  }

  deinit {
    scratch.deallocate()
  }

  /// Reads a body.
  ///
  /// - Parameter body: the whole body, shorter than 4 GiB. It must stay in place for as long as the records' parts are
  ///   looked at.
  /// - Complexity: O(length of the body).
  package func decode(_ body: UnsafeRawBufferPointer) -> Outcome {
    self.body = body
    request = Request()
    records.removeAll(keepingCapacity: true)
    scratchCount = 0

    guard body.count <= UInt32.max, var cursor = JSONCursor(body) else { return .malformed }
    do throws(JSONCursor.Failure) {
      switch try cursor.peek() {
      case 0x7B: try readRequest(&cursor)
      // An array is taken for a request without members.
      case 0x5B: try cursor.skipValue()
      default: return .malformed
      }
    } catch {
      return .malformed
    }
    cursor.skipSpace()
    guard cursor.index == cursor.end else { return .malformed }
    return isIrregular ? .irregular : .request
  }

  /// The `InvalidArgumentException` the request earns once its stream is known to exist: a record or the whole too
  /// large, or an explicit hash key of 2^128 or more (kinesalite `actions/putRecords.js` checks the last one there; the
  /// texts about sizes are `Records size exceeds N MB limit` as users report it, and our own for a single record, whose
  /// wording on AWS is not known).
  package var argumentRefusal: ServiceError? {
    func refusal(_ message: String) -> ServiceError {
      ServiceError(code: "InvalidArgumentException", message: message)
    }
    if request.size > limits.bytesPerRequest {
      return refusal("Records size exceeds \(limits.bytesPerRequest >> 20) MB limit")
    }
    guard request.mayBeRefused else { return nil }
    for (index, record) in records.enumerated() {
      if record.size > limits.bytesPerRecord {
        return refusal(
          "Record \(index + 1) has \(record.size) bytes of data and partition key, more than \(limits.bytesPerRecord)")
      }
      if record.hashKeyOverflows {
        let value = String(decoding: bytes(record.explicit), as: UTF8.self)
        return refusal(
          "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(value)")
      }
    }
    return nil
  }

  private var isIrregular: Bool {
    guard !request.isIrregular, let count = request.recordCount, count >= 1, count <= limits.records else {
      return true
    }
    if let arn = request.arn, arn.utf8.count > KinesisLimits.streamARNBytes || StreamARN(arn) == nil { return true }
    guard let name = request.name else { return request.arn == nil }
    return !Self.isStreamName(name)
  }

  /// Whether a name meets pattern and length: `[a-zA-Z0-9_.-]+`, at most 128.
  private static func isStreamName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= KinesisLimits.streamNameCharacters
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D: true
        default: false
        }
      }
  }

  // MARK: Parts of a record

  /// A record's partition key in UTF-8.
  package func key(of record: RequestRecord) -> UnsafeRawBufferPointer {
    bytes(record.key)
  }

  /// A record's data as base64, already checked.
  package func dataText(of record: RequestRecord) -> UnsafeRawBufferPointer {
    bytes(record.data)
  }

  /// The hash key that places a record: the explicit one, else MD5 of the partition key.
  package func hashKey(of record: RequestRecord) -> UInt128 {
    record.hasExplicitHashKey ? record.explicitHashKey : MD5.digest(bytes(record.key))
  }

  /// The record's content as 64 bits. O(bytes of the record).
  package func print(of record: RequestRecord) -> UInt64 {
    ContentPrint.of(
      key: bytes(record.key), hashKey: record.hasExplicitHashKey ? record.explicitHashKey : nil,
      base64: bytes(record.data))
  }

  /// A string's UTF-8.
  func bytes(_ range: RequestRecord.TextRange) -> UnsafeRawBufferPointer {
    let start = range.isInScratch ? UnsafeRawPointer(scratch) : body.baseAddress
    return UnsafeRawBufferPointer(start: start.map { $0 + Int(range.offset) }, count: Int(range.length))
  }

  /// The part behind `stream/`, which has no slash itself.
  private static func name(inARN arn: String) -> String {
    arn.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }
}
