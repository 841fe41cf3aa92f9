import Kinesis
import Measurement
import Producers
import Scenarios
import StreamAccess
import Transport

/// Everything a run needs beyond its plan: what the command line and the target's answers resolved.
package struct DriverConfiguration: Sendable {
  /// What to send and when.
  package var plan: Plan
  /// Where to send it.
  package var destination: Destination
  /// The stream's name on the target.
  package var streamName: String
  /// Names the stream in requests in place of its name.
  package var streamARN: String?
  /// Region in the signature's scope.
  package var region: String
  /// What signs the requests; renewed during the run by somebody else.
  package var credentials: CurrentCredentials
  /// The open shards, as observed or declared.
  package var shardMap: ShardMap
  /// What the run may send at most; nil for no bound.
  package var budget: SendBudget?
  /// The most workers; fewer run when there are fewer producers or connections.
  package var workers: Int
  /// How long before a deadline a worker stops sleeping and turns its loop until then; zero sleeps to the end.
  package var spin: Nanoseconds

  package init(
    plan: Plan, destination: Destination, streamName: String, streamARN: String? = nil,
    region: String, credentials: CurrentCredentials, shardMap: ShardMap, budget: SendBudget? = nil,
    workers: Int, spin: Nanoseconds = .zero
  ) {
    self.plan = plan
    self.destination = destination
    self.streamName = streamName
    self.streamARN = streamARN
    self.region = region
    self.credentials = credentials
    self.shardMap = shardMap
    self.budget = budget
    self.workers = workers
    self.spin = spin
  }

  /// A signer of its own for one worker: it caches the day's key and is not shared.
  func makeSigner() -> RequestSigner {
    RequestSigner(credentials: credentials.value, region: region, hostHeader: destination.endpoint.hostHeader)
  }
}
