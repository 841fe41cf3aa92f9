import Dispatch
import Measurement
import Synchronization

/// The addresses of an endpoint during a run: those of the start, looked up again once connections have to be made anew.
///
/// A lookup blocks while name servers are asked, so no connection waits for one: it takes what the last lookup brought and,
/// when that is older than `freshness`, lets the next one begin. A name that stops resolving is a failure to connect from
/// then on, as it is for any client, until a lookup brings addresses again. Thread-safe: all connections share it.
package final class EndpointAddresses: Sendable {
  private struct State {
    /// Empty while the name has no address.
    var known: [SocketAddress]
    var lookedUp: Instant
    var isLookingUp = false
  }

  /// How old a lookup may be before a new connection asks for another one. The service's own names are to be looked up
  /// again every few seconds, since its addresses change as it scales.
  package static let freshness = Nanoseconds.seconds(5)

  private let state: Mutex<State>
  private let isNumeric: Bool
  private let clock: any MonotonicClock
  private let lookUp: @Sendable () -> [SocketAddress]?
  private let elsewhere: @Sendable (@escaping @Sendable () -> Void) -> Void

  /// Addresses that have just been looked up.
  ///
  /// - Parameters:
  ///   - endpoint: what they are addresses of; a host in numbers is never looked up.
  ///   - known: what the lookup brought.
  ///   - clock: tells the age of a lookup.
  ///   - lookUp: asks the resolver again and waits for it; nil when the name has no address.
  ///   - elsewhere: runs a lookup where it may wait.
  package init(
    _ endpoint: Endpoint, known: [SocketAddress], clock: any MonotonicClock = SystemClock(),
    lookUp: (@Sendable () -> [SocketAddress]?)? = nil,
    elsewhere: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { work in
      DispatchQueue.global().async(execute: work)
    }
  ) {
    isNumeric = SocketAddress(numeric: endpoint.host, port: endpoint.port) != nil
    state = Mutex(State(known: known, lookedUp: clock.now()))
    self.clock = clock
    self.lookUp = lookUp ?? { try? NameResolution.addresses(of: endpoint) }
    self.elsewhere = elsewhere
  }

  /// How many addresses there are now.
  package var count: Int { state.withLock { $0.known.count } }

  /// The address for a connection about to be made.
  ///
  /// - Parameter turn: the connection's own count of its attempts; addresses are used in turn.
  /// - Returns: nil while the name has no address.
  package func address(turn: Int) -> SocketAddress? {
    let (address, isStale) = state.withLock { state in
      let isStale = !isNumeric && !state.isLookingUp && clock.now() - state.lookedUp >= Self.freshness
      if isStale { state.isLookingUp = true }
      return (state.known.isEmpty ? nil : state.known[turn % state.known.count], isStale)
    }
    if isStale {
      elsewhere { [self] in
        let found = lookUp() ?? []
        state.withLock { state in
          state.known = found
          state.lookedUp = clock.now()
          state.isLookingUp = false
        }
      }
    }
    return address
  }
}
