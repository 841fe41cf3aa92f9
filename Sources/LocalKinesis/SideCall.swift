import Kinesis

/// Calls of other AWS services that producers make when they start, on whatever endpoint they were given: older versions of the
/// producer library ask STS who they are and send metrics to CloudWatch.
enum SideCall: Equatable {
  /// `sts:GetCallerIdentity`, in the query protocol.
  case callerIdentity
  /// CloudWatch's `PutMetricData`, which is thrown away.
  case putMetricData(Encoding)

  /// The protocols in which SDKs send `PutMetricData`.
  enum Encoding { case query, json, cbor }

  private static let cloudWatch = "GraniteServiceVersion20100801"

  /// Finds out whether a request is one; nil for all others. The body is looked at up to its first 4 KiB.
  init?(_ request: ServiceRequest) {
    if request.target == "\(Self.cloudWatch).PutMetricData" {
      self = .putMetricData(.json)
      return
    }
    guard request.target == nil else { return nil }
    if request.path == "/service/\(Self.cloudWatch)/operation/PutMetricData" {
      self = .putMetricData(.cbor)
      return
    }
    guard request.contentType?.hasPrefix("application/x-www-form-urlencoded") == true else { return nil }
    let form = String(decoding: request.body.prefix(4096), as: UTF8.self)
    let action = form.split(separator: "&").first { $0.hasPrefix("Action=") }?.dropFirst("Action=".count)
    switch action {
    case "GetCallerIdentity": self = .callerIdentity
    case "PutMetricData": self = .putMetricData(.query)
    default: return nil
    }
  }
}

extension EmbeddedService {
  /// Answers a call of another service, signed or not: nothing is told and nothing kept.
  func answer(_ call: SideCall, requestID: String, into answer: inout ServiceAnswer) {
    let metadata = "<ResponseMetadata><RequestId>\(requestID)</RequestId></ResponseMetadata>"
    switch call {
    case .callerIdentity:
      answer.headers.append(("Content-Type", "text/xml"))
      answer.body.append(
        contentsOf: """
          <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>\
          <Arn>arn:aws:iam::\(configuration.account):user/test</Arn><UserId>test</UserId>\
          <Account>\(configuration.account)</Account></GetCallerIdentityResult>\(metadata)</GetCallerIdentityResponse>
          """.utf8)
    case .putMetricData(.query):
      answer.headers.append(("Content-Type", "text/xml"))
      answer.body.append(
        contentsOf: """
          <PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">\(metadata)</PutMetricDataResponse>
          """.utf8)
    case .putMetricData(.json):
      answer.headers.append(("Content-Type", "application/x-amz-json-1.0"))
      answer.body.append(contentsOf: "{}".utf8)
    case .putMetricData(.cbor):
      answer.headers.append(("Content-Type", "application/cbor"))
      answer.headers.append(("smithy-protocol", "rpc-v2-cbor"))
      // An empty map.
      answer.body.append(0xA0)
    }
  }
}
