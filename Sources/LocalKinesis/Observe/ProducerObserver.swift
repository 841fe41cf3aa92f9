import Kinesis
import Measurement
import Observations
import Synchronization

/// How a producer is to be observed.
package struct ObserverSettings: Sendable {
  /// Where a record's identifier is found in its data; `nil`: its content is its identity.
  package var recordID: JSONPointer?
  /// What may be shown of keys.
  package var keys = KeyNames.Mode.hash
  /// The records that must arrive; `nil` where nobody says.
  package var expected: ExpectedRecords?
  /// Whether records are told apart: without that nothing is known of losses, retries, duplicates and order.
  package var identifies = true
  /// Slots of the table of prints, and how much of a print counts.
  var slots = PrintTable.defaultSlots
  var printBits = 64

  /// Content as identity, hashed keys.
  package init() {}
}

/// Watches what comes to an embedded endpoint and what it answers.
///
/// The service tells it of each request: what it is, each record with its outcome, and its end. It observes one stream, the
/// first that records were put into; those of other streams are counted as a whole.
///
/// `@unchecked Sendable`: `state` is touched under its lock, everything about the request in hand by the serving thread
/// alone.
package final class ProducerObserver: @unchecked Sendable {
  private let settings: ObserverSettings
  private let state: Mutex<ObserverState>
  private let lastPut = Atomic<Int64>(.min)
  @exclusivity(unchecked) private var request = ObservedRequest()
  private var reader = AggregateReader()
  @exclusivity(unchecked) private var decoded: [UInt8] = []
  /// Whether an aggregate has come: user records are then told apart from Kinesis records.
  private var opensRecords = false
  /// The stream last put into, and how many shards it had ever had.
  private var known = (stream: "", shards: 0)

  /// An observer that has seen nothing.
  package init(_ settings: ObserverSettings = ObserverSettings()) {
    self.settings = settings
    state = Mutex(ObserverState(settings))
  }

  /// When the last request that put records was answered, nanoseconds of the monotonic clock; `nil` before the first.
  package var lastPutAt: Int64? {
    let time = lastPut.load(ordering: .relaxed)
    return time == .min ? nil : time
  }

  /// Everything seen so far; `nil` before records were put.
  package var traffic: ObservedTraffic? { state.withLock { $0.traffic(mode: settings.keys) } }

  /// What is known of the producer so far.
  package var observation: ProducerObservation { state.withLock { $0.wholeObservation } }

  /// Forgets everything seen so far.
  package func reset() {
    lastPut.store(.min, ordering: .relaxed)
    state.withLock { $0.reset(settings) }
  }

  // MARK: - Told by the service

  /// A request begins.
  func begin() { request.reset() }

  /// What it asks for, such as `PutRecords JSON`, or the target of another service.
  func name(_ call: String, isOtherService: Bool = false) {
    request.call = call
    request.isOtherService = isOtherService
  }

  /// It puts records into a stream that takes them.
  func put(into stream: EmbeddedStream) {
    request.stream = stream.name
    guard known.stream != stream.name || known.shards != stream.shards.count else { return }
    known = (stream.name, stream.shards.count)
    let (name, shards) = (stream.name, stream.shards)
    state.withLock { $0.look(at: name, shards) }
  }

  /// It puts records into a stream that is not there.
  func missing(stream name: String) { request.missing = name }

  /// It was refused with this code before its records were judged, or because of its one record.
  func refuse(_ code: String) { request.refusal = code }

  /// One of its records, with what became of it.
  ///
  /// - Parameters:
  ///   - keyHash: the MD5 of its key.
  ///   - data: in base64.
  ///   - shard: its shard's number.
  func add(
    key: UnsafeRawBufferPointer, keyHash: UInt128, explicitHashKey: UInt128?, base64 data: UnsafeRawBufferPointer,
    shard: Int, size: Int, _ outcome: ObservedTry.Outcome
  ) {
    if explicitHashKey != nil { request.hasExplicitHashKeys = true }
    var attempt = ObservedTry(
      print: 0, keyHash: keyHash, shard: Int32(truncatingIfNeeded: shard), size: Int32(truncatingIfNeeded: size),
      outcome: outcome)
    guard settings.identifies else {
      request.tries.append(attempt)
      return
    }
    if AggregateReader.mayBegin(base64: data) {
      decode(data)
      attempt.print = ContentPrint.of(key: key, hashKey: explicitHashKey, base64: data)
      if open(attempt) { return }
    }
    let isDecoded = settings.recordID != nil || settings.expected != nil
    if isDecoded { decode(data) }
    var name: UInt64?
    if let pointer = settings.recordID {
      name = identify(decoded, by: pointer)
      attempt.print = name ?? ContentPrint.of(key: key, hashKey: explicitHashKey, base64: data)
    } else {
      attempt.print = ContentPrint.of(key: key, hashKey: explicitHashKey, base64: data)
    }
    append(attempt, isUser: opensRecords, isKinesis: true)
    note(name: name, data: decoded[...], key: key)
  }

  /// One of its records whose data is not in base64.
  func add(
    key: [UInt8], explicitHashKey: UInt128?, data: [UInt8], shard: Int, _ outcome: ObservedTry.Outcome
  ) {
    let text = Array(Base64.encoded(data).utf8)
    key.withUnsafeBytes { key in
      text.withUnsafeBytes { text in
        add(
          key: key, keyHash: MD5.digest(key), explicitHashKey: explicitHashKey, base64: text, shard: shard,
          size: key.count + data.count, outcome)
      }
    }
  }

  /// Takes the user records out of an aggregate in `decoded`.
  ///
  /// - Returns: whether it is one.
  private func open(_ container: ObservedTry) -> Bool {
    let content = decoded.withUnsafeBytes { reader.read($0) }
    switch content {
    case .plain: return false
    case .broken:
      request.broken += 1
      return false
    case .aggregate: break
    }
    if !opensRecords {
      opensRecords = true
      request.userTries = request.tries
    }
    request.aggregates += 1
    append(container, isUser: false, isKinesis: true)
    decoded.withUnsafeBytes { bytes in
      for index in 0..<reader.count {
        let record = reader[index]
        let key = UnsafeRawBufferPointer(rebasing: bytes[record.key])
        let data = UnsafeRawBufferPointer(rebasing: bytes[record.data])
        var attempt = container
        attempt.keyHash = MD5.digest(key)
        attempt.size = Int32(truncatingIfNeeded: key.count + data.count)
        let name = settings.recordID.flatMap { identify(Array(data), by: $0) }
        attempt.print = name ?? ContentPrint.of(key: Array(key), hashKey: record.explicitHashKey, data: Array(data))
        if record.explicitHashKey != nil { request.hasExplicitHashKeys = true }
        append(attempt, isUser: true, isKinesis: false)
        note(name: name, data: settings.expected == nil ? [] : Array(data)[...], key: key)
      }
    }
    return true
  }

  private func decode(_ text: UnsafeRawBufferPointer) {
    decoded.removeAll(keepingCapacity: true)
    Base64.decode(text, into: &decoded)
  }

  private func append(_ attempt: ObservedTry, isUser: Bool, isKinesis: Bool) {
    if isKinesis { request.tries.append(attempt) }
    if isUser { request.userTries.append(attempt) }
  }

  private func identify(_ data: [UInt8], by pointer: JSONPointer) -> UInt64? {
    guard let text = pointer.text(in: data) else {
      request.withoutIdentifier += 1
      return nil
    }
    return ExpectedRecords.print(of: text)
  }

  /// Keeps what is asked about a user record beside its try.
  private func note(name: UInt64?, data: ArraySlice<UInt8>, key: UnsafeRawBufferPointer) {
    if settings.keys == .show { request.keys.append(Array(key)) }
    guard settings.expected != nil else { return }
    request.names.append(
      settings.recordID == nil
        ? ExpectedRecords.print(of: data.withUnsafeBytes { SHA256.digest($0).hex }) : name ?? 0)
  }

  /// The request was answered.
  func end(_ end: ObservedEnd) {
    if !request.tries.isEmpty { lastPut.store(end.answered, ordering: .relaxed) }
    state.withLock { $0.take(request, end) }
  }

  /// Something came that is no HTTP request.
  func garbage() { state.withLock { $0.countGarbage() } }
}

/// What is gathered of a request while it is answered.
struct ObservedRequest {
  var call = ""
  var isOtherService = false
  /// The stream its records went to.
  var stream: String?
  /// The stream that was not there.
  var missing: String?
  /// One for each Kinesis record.
  var tries: [ObservedTry] = []
  /// One for each record of the user; empty as long as these are the same.
  var userTries: [ObservedTry] = []
  var aggregates = 0
  var broken = 0
  var withoutIdentifier = 0
  var hasExplicitHashKeys = false
  /// The keys of the user's records, where they may be shown.
  var keys: [[UInt8]] = []
  /// Prints of the names of the user's records, where some are expected; 0 for one without a name.
  var names: [UInt64] = []
  var refusal: String?

  mutating func reset() {
    (call, isOtherService, stream, missing, refusal) = ("", false, nil, nil, nil)
    tries.removeAll(keepingCapacity: true)
    userTries.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    (aggregates, broken, withoutIdentifier, hasExplicitHashKeys) = (0, 0, 0, false)
  }
}

/// How a request ended.
struct ObservedEnd {
  /// When it was read and when its answer was ready to leave, nanoseconds of the monotonic clock.
  var arrived: Int64
  var answered: Int64
  /// The wall clock at its arrival, microseconds since the Unix epoch.
  var wallMicroseconds: Int64
  var status: Int
  /// Whether it is the first of its connection.
  var isFirstOfConnection: Bool
  /// Bytes of its body and of its answer's.
  var bytes: Int
}
