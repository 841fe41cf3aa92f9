import Kinesis

extension EmbeddedService {
  /// Writes a successful answer; an operation without output has an empty body.
  func write(_ output: ServiceValue?, _ content: ContentType, into answer: inout ServiceAnswer) {
    answer.headers.append(("Content-Type", content.rawValue))
    guard let output else { return }
    switch content {
    case .cbor: CBORServiceCodec.encode(output, into: &answer.body)
    case .json, .plainJSON: JSONServiceCodec.encode(output, into: &answer.body)
    }
  }

  /// Writes an error in the request's own encoding.
  func write(_ failure: ServiceFailure, _ content: ContentType, into answer: inout ServiceAnswer) {
    observer?.refuse(failure.code)
    answer.body.removeAll(keepingCapacity: true)
    answer.status = failure.status
    guard content == .plainJSON else { return write(failure.value, content, into: &answer) }
    answer.status = failure.code == "UnknownOperationException" ? 404 : 400
    let output = ServiceValue.members(("__type", .text("com.amazon.coral.service#\(failure.code)")))
    write(.members(("Output", output), ("Version", .text("1.0"))), content, into: &answer)
  }

  /// Adds the headers that let a page of an allowed origin read the answer.
  ///
  /// - Returns: whether the request was a preflight, which is thereby answered.
  func allow(_ origin: String, _ request: ServiceRequest, into answer: inout ServiceAnswer) -> Bool {
    answer.headers.append(("Access-Control-Allow-Origin", origin))
    answer.headers.append(("Vary", "Origin"))
    guard request.method == "OPTIONS" else {
      answer.headers.append(
        (
          "Access-Control-Expose-Headers",
          "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"
        ))
      return false
    }
    if let headers = request.accessControlRequestHeaders {
      answer.headers.append(("Access-Control-Allow-Headers", headers))
    }
    if let method = request.accessControlRequestMethod {
      answer.headers.append(("Access-Control-Allow-Methods", method))
    }
    answer.headers.append(("Access-Control-Max-Age", "172800"))
    return true
  }

  /// A request that names no operation the service could authorize: XML without a content type.
  func refuseUnnamed(into answer: inout ServiceAnswer) {
    answer.status = 403
    answer.body.append(
      contentsOf: """
        <AccessDeniedException>
          <Message>Unable to determine service/operation name to be authorized</Message>
        </AccessDeniedException>

        """.utf8)
  }

  /// A content type the service does not speak: what it says depends on whether a target is named at all.
  func refuseForeignContent(_ request: ServiceRequest, into answer: inout ServiceAnswer) {
    let parts = (request.target ?? "").split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, !parts[0].isEmpty, !parts[1].isEmpty else { return refuseUnnamed(into: &answer) }
    answer.status = 404
    answer.body.append(contentsOf: "<UnknownOperationException/>\n".utf8)
  }
}

/// What faults on purpose do to a request.
extension EmbeddedService {
  /// The error of a record or request that fails inside the service.
  static let internalFailure = ServiceFailure("InternalFailure", "Internal service failure.", status: 500)

  /// The text with which a shard refuses a record or a read.
  func throttlingMessage(_ shardID: String, of stream: EmbeddedStream) -> String {
    ShardEntryText.throttleMessage(shardID: shardID, streamName: stream.name, accountID: configuration.account)
  }

  /// The error a rule answers with before any record is looked at; nil for the rules that spoil an answer later.
  func refusal(_ rule: FaultRule) -> ServiceFailure? {
    switch rule.kind {
    case .status400:
      ServiceFailure(
        "ProvisionedThroughputExceededException", "Rate exceeded for account \(configuration.account).")
    case .status500: Self.internalFailure
    case .status503: ServiceFailure("ServiceUnavailable", "Service is unavailable.", status: 503)
    case .internalFailure, .throttle, .duplicateSequence, .stall, .reset, .resetWithin, .truncate, .wrongCount: nil
    }
  }

  /// Spoils an answer whose records were dealt with: what the client cannot see has happened all the same.
  func spoil(_ answer: inout ServiceAnswer, by rule: FaultRule) {
    switch rule.kind {
    case .stall:
      if let delay = rule.delay { answer.delay = answer.delay.addingSaturated(delay) } else { answer.delivery = .never }
    case .reset: answer.delivery = .reset
    case .resetWithin: answer.delivery = .resetWithin
    case .truncate: answer.delivery = .truncated
    case .internalFailure, .throttle, .duplicateSequence, .status400, .status500, .status503, .wrongCount: break
    }
  }
}
