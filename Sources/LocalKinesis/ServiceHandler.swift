import Measurement
import Transport

/// Carries requests from the HTTP server to the service and its answers back.
final class ServiceHandler: HTTPHandler {
  private let service: EmbeddedService
  private let verifiesSignatures: Bool
  private let control: BehaviourControl
  private var revision: Int
  private var resets: Int
  private var answer = ServiceAnswer()
  private let clock: any MonotonicClock
  /// The `Date` field of the current second.
  private var date = (seconds: Int64.min, text: "")

  /// - Parameters:
  ///   - control: may bring other settings between requests.
  ///   - clock: the server's, asked when somebody observes.
  init(_ service: EmbeddedService, control: BehaviourControl, clock: any MonotonicClock = SystemClock()) {
    self.clock = clock
    self.service = service
    self.control = control
    revision = control.revision
    resets = control.resetCount
    verifiesSignatures = service.configuration.credentials != nil
  }

  func respond(to request: HTTPRequestView, into http: inout HTTPAnswer) {
    let time = ServiceTime(
      nanoseconds: request.receivedAt.nanoseconds, microseconds: WallTime.now().microsecondsSinceEpoch)
    if control.revision != revision {
      let latest = control.latest
      revision = latest.revision
      let isReset = control.resetCount != resets
      resets = control.resetCount
      if isReset {
        service.reset(to: latest.settings, at: time)
      } else {
        service.change(to: latest.settings, at: time)
      }
    }
    service.answer(serviceRequest(request), at: time, into: &answer)

    http.status = answer.status
    addDate(to: &http, at: time)
    var headBytes = Self.fixedHeadBytes
    for header in answer.headers {
      http.addField(header.name, header.value)
      headBytes += header.name.utf8CodeUnitCount + header.value.utf8.count + 4
    }
    answer.withBody { http.append($0) }
    if answer.delay > 0 { http.notBefore = request.receivedAt + Nanoseconds(answer.delay) }
    if let observer = service.observer {
      observer.end(
        ObservedEnd(
          arrived: time.nanoseconds, answered: max(clock.now().nanoseconds, time.nanoseconds + max(answer.delay, 0)),
          wallMicroseconds: time.microseconds, status: answer.status, isFirstOfConnection: request.ordinal == 1,
          bytes: request.body.count + http.bodyCount))
    }
    let middle = headBytes + http.bodyCount / 2
    switch answer.delivery {
    case .send: break
    case .never: http.delivery = .never
    case .reset: http.delivery = .reset(afterBytes: 0)
    case .resetWithin: http.delivery = .reset(afterBytes: middle)
    case .truncated: http.delivery = .truncate(afterBytes: middle)
    }
  }

  func refuse(status: Int, into http: inout HTTPAnswer) {
    service.observer?.garbage()
    service.refuse(status: status, into: &answer)
    addDate(to: &http, at: ServiceTime(nanoseconds: 0, microseconds: WallTime.now().microsecondsSinceEpoch))
    for header in answer.headers { http.addField(header.name, header.value) }
    answer.withBody { http.append($0) }
  }

  /// By the service's own clock: clients correct theirs by it.
  private func addDate(to http: inout HTTPAnswer, at time: ServiceTime) {
    let seconds = service.shifted(time).seconds
    if seconds != date.seconds { date = (seconds, UTCText.httpDate(seconds)) }
    http.addField("Date", date.text)
  }

  /// About what status line, date, length and empty line take of a head; being off by a few bytes only moves where a fault on
  /// purpose cuts.
  private static let fixedHeadBytes = 82

  private func serviceRequest(_ request: HTTPRequestView) -> ServiceRequest {
    let fields = request.fields
    var path = request.target
    var query = ""
    if let mark = request.target.firstIndex(of: UInt8(ascii: "?")) {
      path = UnsafeRawBufferPointer(rebasing: request.target[..<mark])
      query = String(decoding: request.target[(mark + 1)...], as: UTF8.self)
    }
    let hasDate = fields.bytes(named: "x-amz-date") != nil || fields.bytes(named: "date") != nil
    var result = ServiceRequest(
      method: String(decoding: request.method, as: UTF8.self), query: query, contentType: fields["content-type"],
      target: fields["x-amz-target"], authorization: fields["authorization"], hasDate: hasDate,
      host: fields["host"], origin: fields["origin"], body: request.body)
    if result.origin != nil {
      result.accessControlRequestHeaders = fields["access-control-request-headers"]
      result.accessControlRequestMethod = fields["access-control-request-method"]
    }
    // Without a target the path may name the operation, of another service.
    if verifiesSignatures || result.target == nil { result.path = String(decoding: path, as: UTF8.self) }
    if verifiesSignatures { result.headers = fields.all }
    return result
  }
}
