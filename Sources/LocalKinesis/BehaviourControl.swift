import Kinesis
import Synchronization

/// The settings that may be changed while an endpoint serves, handed from any thread to the one that serves.
package final class BehaviourControl: Sendable {
  private let current: Mutex<EndpointSettings>
  /// Lets the serving thread see a change without taking the lock for each request.
  private let changes = Atomic<Int>(0)

  /// Starts with the settings of the options.
  package init(_ settings: EndpointSettings) {
    current = Mutex(settings)
  }

  /// The settings in force.
  package var settings: EndpointSettings { current.withLock { $0 } }

  /// How often they were changed.
  var revision: Int { changes.load(ordering: .acquiring) }

  /// The settings in force and their revision.
  var latest: (settings: EndpointSettings, revision: Int) {
    current.withLock { ($0, changes.load(ordering: .relaxed)) }
  }

  /// Changes settings: in force for every request that arrives after the call. Limits and retention belong to streams that
  /// exist and stay as they are.
  ///
  /// - Parameter edit: makes the new settings of the old; when it throws, nothing changes.
  /// - Returns: the new settings.
  @discardableResult
  package func change<Failure: Error>(
    _ edit: (inout EndpointSettings) throws(Failure) -> Void
  ) throws(Failure) -> EndpointSettings {
    try current.withLock { (settings: inout EndpointSettings) throws(Failure) in
      var changed = settings
      try edit(&changed)
      changed.limits = settings.limits
      changed.retainedBytes = settings.retainedBytes
      settings = changed
      changes.add(1, ordering: .releasing)
      return changed
    }
  }
}
