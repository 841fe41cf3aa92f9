import Kinesis
import Measurement

/// The Kinesis service itself, without sockets: a request in, an answer out, the time as a parameter.
///
/// It is not Sendable: one thread owns it. Every passing status (CREATING, UPDATING, DELETING) is settled on the next
/// request after its time, so no timer is needed.
package final class EmbeddedService {
  package let configuration: EmbeddedTargetConfiguration
  var streams: [String: EmbeddedStream] = [:]
  let store: RecordStore?
  var behaviour: EndpointBehaviour
  /// What is still to happen to the shards.
  var timeLine: TimeLine
  /// Whether records are counted by shard, for rules about the hottest one.
  var countsAttempts: Bool
  let warn: (String) -> Void
  /// What was done so far.
  package let counts: TargetCounts
  /// Takes the records that arrive; nil when nobody wants them.
  let capture: TrafficCapture?
  /// Whether it was told that faults by content no longer repeat exactly.
  var toldForgotten = false
  private var identity: RequestIdentity
  /// The earliest end of a passing status, `Int64.max` when there is none.
  var nextTransition = Int64.max
  private var controlGates: [Operation: RateGate] = [:]
  private var inputs: [Operation: InputShape] = [:]
  package let tokens = TokenSealer(key: TokenSealer.randomKey())
  private let access: WebAccess
  /// Reused by PutRecords, so that a request allocates nothing for each of its records.
  let decoder: PutRecordsRequestDecoder
  let writer = PutRecordsResponseWriter()
  /// The shard index of each record of the request in hand.
  let routes: UnsafeMutableBufferPointer<Int32>
  /// Watches what comes; nil when nobody does.
  let observer: ProducerObserver?
  /// The hash key of each record of the request in hand; without room when nobody observes.
  let hashKeys: UnsafeMutableBufferPointer<UInt128>

  /// A service with the configured stream, which is there from the start.
  ///
  /// - Parameters:
  ///   - access: which web pages and host names it answers; nil for those of an endpoint on a loopback address.
  ///   - counts: where what is done is counted.
  ///   - capture: takes the records that arrive.
  ///   - observer: watches what comes.
  ///   - warn: called with what a person should know, on the thread that answers.
  /// - Throws: when the configured shard ranges are not whole.
  package init(
    _ configuration: EmbeddedTargetConfiguration, access: WebAccess? = nil, at time: ServiceTime,
    counts: TargetCounts = TargetCounts(), capture: TrafficCapture? = nil, observer: ProducerObserver? = nil,
    warn: @escaping (String) -> Void = { _ in }
  ) throws {
    self.warn = warn
    self.counts = counts
    self.capture = capture
    self.configuration = configuration
    self.access = access ?? WebAccess(configuration, isLoopback: true)
    store =
      configuration.settings.retainedBytes > 0 ? RecordStore(capacity: configuration.settings.retainedBytes) : nil
    let origin = configuration.beginsWithRecords ? nil : time
    behaviour = EndpointBehaviour(configuration.settings, seed: configuration.seed, startedAt: origin)
    timeLine = TimeLine(configuration.settings.reshards, origin: origin?.nanoseconds)
    countsAttempts = behaviour.hasHottestFaults || timeLine.hasHottest
    identity = RequestIdentity(seed: configuration.seed)
    decoder = PutRecordsRequestDecoder(limits: configuration.limits.request)
    routes = .allocate(capacity: configuration.limits.request.records)
    routes.initialize(repeating: 0)
    self.observer = observer
    hashKeys = .allocate(capacity: observer == nil ? 0 : configuration.limits.request.records)
    hashKeys.initialize(repeating: 0)
    try openInitialStreams(at: time)
  }

  private func openInitialStreams(at time: ServiceTime) throws {
    for stream in configuration.initialStreams {
      streams[stream.name] = try makeStream(stream.name, stream.ranges, status: .active, at: shifted(time))
    }
  }

  /// Begins anew as after the start: streams, shards, buckets, kept records, faults' counts and the time line.
  package func reset(to settings: EndpointSettings, at time: ServiceTime) {
    for stream in streams.values { store?.drop(stream.logs) }
    streams = [:]
    nextTransition = .max
    controlGates = [:]
    let origin = configuration.beginsWithRecords ? nil : time
    behaviour = EndpointBehaviour(settings, seed: configuration.seed, startedAt: origin)
    timeLine = TimeLine(settings.reshards, origin: origin?.nanoseconds)
    countsAttempts = behaviour.hasHottestFaults || timeLine.hasHottest
    do {
      try openInitialStreams(at: time)
    } catch {
      warn("the streams of the start could not be made again: \(error)")
    }
  }

  deinit {
    routes.deallocate()
    hashKeys.deallocate()
  }

  /// Answers one request.
  ///
  /// The order of checks is the service's own (mhart/kinesalite index.js, whose tests were run against production):
  /// method, empty body, content type, well-formedness, target, authorization, types, constraints, stream. Before all of
  /// them stands the endpoint's own: which web page asks, and under which name of the host.
  package func answer(_ request: ServiceRequest, at moment: ServiceTime, into answer: inout ServiceAnswer) {
    let time = shifted(moment)
    answer.reset()
    if timeLine.isEmpty { settle(time) } else { follow(time) }
    observer?.begin()
    let requestID = identity.requestID()
    answer.headers.append(("x-amzn-RequestId", requestID))
    let isPreflight = request.method == "OPTIONS" && request.origin != nil
    if !isPreflight { answer.headers.append(("x-amz-id-2", identity.extendedID())) }
    if let refusal = access.refusal(host: request.host, origin: request.origin) {
      let encoding: ContentType = ContentType(request.contentType) == .cbor ? .cbor : .json
      return write(ServiceFailure("AccessDeniedException", refusal, status: 403), encoding, into: &answer)
    }
    if let origin = request.origin, allow(origin, request, into: &answer) { return }
    guard request.method == "POST" else { return refuseUnnamed(into: &answer) }

    let content = ContentType(request.contentType)
    let operation = request.target.flatMap(Operation.init(target:))
    if let observer { name(operation, content, of: request, to: observer) }
    if operation == nil, let call = SideCall(request) {
      counts.add(call)
      return self.answer(call, requestID: requestID, into: &answer)
    }
    guard !request.body.isEmpty else {
      let code = operation == nil ? "UnknownOperationException" : "SerializationException"
      let encoding: ContentType = content == .json ? .json : .cbor
      return write(ServiceFailure(code, nil), encoding, into: &answer)
    }
    guard let content else { return refuseForeignContent(request, into: &answer) }

    if operation == .putRecords, content == .json {
      return putRecords(request, at: time, into: &answer)
    }
    let input: ServiceValue? =
      content == .cbor ? CBORServiceCodec.decode(request.body) : JSONServiceCodec.decode(request.body)
    do throws(ServiceFailure) {
      guard let input else { throw ServiceFailure("SerializationException", nil) }
      guard content != .plainJSON, let operation else { throw ServiceFailure("UnknownOperationException", nil) }
      try authorize(request, at: time)
      let output = try perform(operation, input, at: time, into: &answer)
      write(output, content, into: &answer)
    } catch {
      write(error, content, into: &answer)
    }
  }

  private func name(
    _ operation: Operation?, _ content: ContentType?, of request: ServiceRequest, to observer: ProducerObserver
  ) {
    if let operation {
      observer.name("\(operation.rawValue) \(content == .cbor ? "CBOR" : "JSON")")
    } else if let target = request.target {
      observer.name(VisibleText.sentence(VisibleText.cut(target, to: 80)), isOtherService: true)
    }
  }

  /// Answers what is no HTTP request at all, or one that came too slowly: nothing of it was looked at. One that is too
  /// large gets no body (mhart/kinesalite index.js).
  package func refuse(status: Int, into answer: inout ServiceAnswer) {
    answer.reset()
    answer.headers.append(("x-amzn-RequestId", identity.requestID()))
    guard status != 413 else { return }
    let code =
      switch status {
      case 408: "RequestTimeoutException"
      case 503: "ServiceUnavailable"
      default: "SerializationException"
      }
    write(ServiceFailure(code, nil, status: status), .json, into: &answer)
  }

  /// The request's authorization, as far as the configuration asks for one.
  ///
  /// - Throws: the service's error for what is missing or wrong.
  func authorize(_ request: ServiceRequest, at time: ServiceTime) throws(ServiceFailure) {
    guard !configuration.allowsUnsigned else { return }
    if let failure = AuthorizationCheck.failure(
      authorization: request.authorization, query: request.query, hasDate: request.hasDate)
    {
      throw failure
    }
    if let verifier = configuration.signatureVerifier {
      try verifier.verify(request, at: time)
    }
  }

  /// The declared input of an operation under this endpoint's limits.
  func input(of operation: Operation) -> InputShape {
    if let shape = inputs[operation] { return shape }
    let shape = operation.input(maximumDataBytes: configuration.limits.request.bytesPerRecord)
    inputs[operation] = shape
    return shape
  }

  private func perform(
    _ operation: Operation, _ raw: ServiceValue, at time: ServiceTime, into answer: inout ServiceAnswer
  ) throws(ServiceFailure) -> ServiceValue? {
    let input = try checked(raw, for: operation)
    try passControlLimit(operation, input, at: time)

    switch operation {
    case .putRecords: return try putRecords(input, at: time, into: &answer)
    case .putRecord: return try putRecord(input, at: time, into: &answer)
    case .createStream: return try createStream(input, at: time)
    case .deleteStream: return try deleteStream(input, at: time)
    case .describeStream: return try describeStream(input, at: time)
    case .describeStreamSummary: return try describeStreamSummary(input)
    case .listStreams: return try listStreams(input)
    case .listShards: return try listShards(input, at: time)
    case .splitShard: return try splitShard(input, at: time)
    case .mergeShards: return try mergeShards(input, at: time)
    case .updateShardCount: return try updateShardCount(input, at: time)
    case .getShardIterator: return try getShardIterator(input, at: time)
    case .getRecords: return try getRecords(input, at: time)
    case .increaseStreamRetentionPeriod: return try changeRetention(input, isIncrease: true)
    case .decreaseStreamRetentionPeriod: return try changeRetention(input, isIncrease: false)
    case .addTagsToStream: return try addTags(input)
    case .removeTagsFromStream: return try removeTags(input)
    case .listTagsForStream: return try listTags(input)
    case .describeLimits: return describeLimits()
    }
  }

  /// An operation's input with its types and constraints checked.
  func checked(_ raw: ServiceValue, for operation: Operation) throws(ServiceFailure) -> ServiceValue {
    let shape = input(of: operation)
    let input = try shape.typed(raw)
    var violations = shape.violations(input)
    let isUnnamed = operation.needsStream && input["StreamName"] == nil && input["StreamARN"] == nil
    if isUnnamed, !violations.isEmpty {
      violations.append("Value null at 'streamName' failed to satisfy constraint: \(InputConstraint.notNull.text)")
    }
    guard violations.isEmpty else { throw .validation(violations) }
    if isUnnamed { throw .invalidArgument("Either StreamName or StreamARN should be provided.") }
    return input
  }

  private func passControlLimit(
    _ operation: Operation, _ input: ServiceValue, at time: ServiceTime
  ) throws(ServiceFailure) {
    guard configuration.hasControlLimits, let rate = operation.callsPerSecond else { return }
    guard controlGates[operation, default: RateGate(perSecond: rate)].admit(at: time.nanoseconds) else {
      let place = (try? streamName(input)).map { "stream \($0) under account" } ?? "account"
      throw ServiceFailure("LimitExceededException", "Rate exceeded for \(place) \(configuration.account).")
    }
  }

  /// A moment of the machine's clocks as the service's own, which may be set wrong on purpose.
  func shifted(_ time: ServiceTime) -> ServiceTime {
    var time = time
    time.microseconds = time.microseconds.addingSaturated(configuration.clockOffsetMicroseconds)
    return time
  }
}
