import Dispatch
import Measurement
import Synchronization

/// The addresses of an endpoint during a run: those of the start, looked up again once connections have to be made anew.
///
/// A lookup blocks while name servers are asked, so no connection waits for one: it takes what the last lookup brought and,
/// when that is older than `freshness`, lets the next one begin. A name that stops resolving is a failure to connect from
/// then on, as it is for any client, until a lookup brings addresses again. Thread-safe: all connections share it.
package final class EndpointAddresses: Sendable {
  /// Where a name may lead once somebody has agreed to load what it led to.
  package enum Following: Sendable, Hashable {
    /// Anywhere: whoever answers proves by certificate that the name is its own.
    case any
    /// To the addresses that were agreed to, which all that is sent could else be led away from.
    case agreed
    /// To this machine: agreed to without a question, since nobody else can be meant.
    case thisMachine
  }

  private struct State {
    /// Empty while the name has no address, or none that it may lead to.
    var known: [SocketAddress]
    /// Whether it has some that it may not lead to, and no others.
    var isElsewhere = false
    var lookedUp: Instant
    var isLookingUp = false
  }

  /// How old a lookup may be before a new connection asks for another one. The service's own names are to be looked up
  /// again every few seconds, since its addresses change as it scales.
  package static let freshness = Nanoseconds.seconds(5)

  private let state: Mutex<State>
  private let following: Following
  private let agreed: Set<SocketAddress>
  private let isNumeric: Bool
  private let clock: any MonotonicClock
  private let lookUp: @Sendable () -> [SocketAddress]?
  private let elsewhere: @Sendable (@escaping @Sendable () -> Void) -> Void

  /// Addresses that have just been looked up.
  ///
  /// - Parameters:
  ///   - endpoint: what they are addresses of; a host in numbers is never looked up.
  ///   - known: what the lookup brought.
  ///   - following: where later lookups may lead.
  ///   - clock: tells the age of a lookup.
  ///   - lookUp: asks the resolver again and waits for it; nil when the name has no address.
  ///   - elsewhere: runs a lookup where it may wait.
  package init(
    _ endpoint: Endpoint, known: [SocketAddress], following: Following = .any,
    clock: any MonotonicClock = SystemClock(),
    lookUp: (@Sendable () -> [SocketAddress]?)? = nil,
    elsewhere: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { work in
      DispatchQueue.global().async(execute: work)
    }
  ) {
    isNumeric = SocketAddress(numeric: endpoint.host, port: endpoint.port) != nil
    state = Mutex(State(known: known, lookedUp: clock.now()))
    self.following = following
    agreed = Set(known)
    self.clock = clock
    self.lookUp = lookUp ?? { try? NameResolution.addresses(of: endpoint) }
    self.elsewhere = elsewhere
  }

  /// Why there is no address: the name has none, or only such as it may not lead to.
  package var failure: TransportFailure { state.withLock { $0.isElsewhere ? .nameElsewhere : .nameNotResolved } }

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
        let allowed = found.filter(isAllowed)
        state.withLock { state in
          state.known = allowed
          state.isElsewhere = allowed.isEmpty && !found.isEmpty
          state.lookedUp = clock.now()
          state.isLookingUp = false
        }
      }
    }
    return address
  }

  private func isAllowed(_ address: SocketAddress) -> Bool {
    switch following {
    case .any: true
    case .agreed: agreed.contains(address)
    case .thisMachine: address.isThisMachine
    }
  }
}
