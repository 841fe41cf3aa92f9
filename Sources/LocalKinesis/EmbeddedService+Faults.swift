import Kinesis

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
  func disturb(_ answer: inout ServiceAnswer, _ rule: FaultRule) {
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
