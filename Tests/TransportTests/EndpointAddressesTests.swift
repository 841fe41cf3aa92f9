import Measurement
import Synchronization
import Testing
import Transport

@Suite("The addresses of an endpoint")
struct EndpointAddressesTests {
  /// A resolver that answers what it is told, and lookups that wait until they are let go.
  final class Resolver: Sendable {
    private struct State {
      var answer: [SocketAddress]?
      var asked = 0
      var waiting: [@Sendable () -> Void] = []
    }
    private let state: Mutex<State>

    init(_ answer: [SocketAddress]?) { state = Mutex(State(answer: answer)) }

    var asked: Int { state.withLock { $0.asked } }
    func answer(_ answer: [SocketAddress]?) { state.withLock { $0.answer = answer } }
    func lookUp() -> [SocketAddress]? {
      state.withLock {
        $0.asked += 1
        return $0.answer
      }
    }
    func hold(_ work: @escaping @Sendable () -> Void) { state.withLock { $0.waiting.append(work) } }
    /// Lets all waiting lookups run; their number.
    @discardableResult
    func letGo() -> Int {
      let work = state.withLock { state in
        defer { state.waiting = [] }
        return state.waiting
      }
      for lookup in work { lookup() }
      return work.count
    }
  }

  private let clock = ManualClock()
  private let first = SocketAddress(numeric: "127.0.0.1", port: 9)!
  private let second = SocketAddress(numeric: "::1", port: 9)!

  private func addresses(
    _ host: String, _ resolver: Resolver, following: EndpointAddresses.Following = .any
  ) -> EndpointAddresses {
    EndpointAddresses(
      Endpoint(scheme: .http, host: host, port: 9), known: [first, second], following: following, clock: clock,
      lookUp: { resolver.lookUp() }, elsewhere: { resolver.hold($0) })
  }

  @Test("are used in turn, without a lookup while they are fresh")
  func turns() {
    let resolver = Resolver(nil)
    let addresses = addresses("name", resolver)
    #expect((0..<4).map { addresses.address(turn: $0) } == [first, second, first, second])
    #expect(resolver.letGo() == 0)
  }

  @Test("are looked up once when they are old, and the old ones serve meanwhile")
  func refresh() {
    let resolver = Resolver([second])
    let addresses = addresses("name", resolver)
    clock.advance(by: EndpointAddresses.freshness)
    #expect((0..<3).map { _ in addresses.address(turn: 0) } == [first, first, first])
    #expect(resolver.letGo() == 1)
    #expect(addresses.address(turn: 0) == second && addresses.count == 1)
    #expect(resolver.letGo() == 0)
  }

  @Test("are none while the name does not resolve, and come back with it")
  func goneAndBack() {
    let resolver = Resolver(nil)
    let addresses = addresses("name", resolver)
    clock.advance(by: EndpointAddresses.freshness)
    #expect(addresses.address(turn: 0) == first)
    resolver.letGo()
    #expect(addresses.address(turn: 0) == nil)
    resolver.answer([second])
    clock.advance(by: EndpointAddresses.freshness)
    #expect(addresses.address(turn: 0) == nil)
    resolver.letGo()
    #expect(addresses.address(turn: 1) == second)
    #expect(resolver.asked == 2)
  }

  /// What a later lookup brings, by where the name may lead: what is used, and the failure where that is nothing.
  static let later: [(EndpointAddresses.Following, [String], [String], TransportFailure)] = [
    (.any, ["10.0.0.1", "::1"], ["10.0.0.1", "::1"], .nameNotResolved),
    (.agreed, ["10.0.0.1", "::1"], ["::1"], .nameNotResolved),
    (.agreed, ["10.0.0.1"], [], .nameElsewhere), (.agreed, ["127.0.0.2"], [], .nameElsewhere),
    (.agreed, [], [], .nameNotResolved),
    (.thisMachine, ["127.0.0.2", "169.254.169.254", "0.0.0.0"], ["127.0.0.2", "0.0.0.0"], .nameNotResolved),
    (.thisMachine, ["10.0.0.1", "::ffff:10.0.0.1", "::2"], [], .nameElsewhere),
    (
      .thisMachine, ["::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"], ["::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"],
      .nameNotResolved
    ),
  ]

  @Test("lead no further than was agreed to", arguments: later)
  func agreed(
    _ following: EndpointAddresses.Following, _ found: [String], _ used: [String], _ failure: TransportFailure
  ) {
    let resolver = Resolver(found.compactMap { SocketAddress(numeric: $0, port: 9) })
    let addresses = addresses("name", resolver, following: following)
    clock.advance(by: EndpointAddresses.freshness)
    #expect(addresses.address(turn: 0) == first)
    resolver.letGo()
    #expect(addresses.count == used.count && addresses.failure == failure)
    #expect((0..<used.count).map { addresses.address(turn: $0)?.host } == used)
    // And back, when it leads there again.
    resolver.answer([first])
    clock.advance(by: EndpointAddresses.freshness)
    _ = addresses.address(turn: 0)
    resolver.letGo()
    #expect(addresses.address(turn: 0) == first)
  }

  @Test("in numbers are never looked up", arguments: ["127.0.0.1", "::1"])
  func numeric(_ host: String) {
    let resolver = Resolver(nil)
    let addresses = addresses(host, resolver)
    clock.advance(by: .seconds(1_000))
    #expect(addresses.address(turn: 0) == first)
    #expect(resolver.letGo() == 0)
  }

  @Test("that are none fail a connection by name")
  func connection() throws {
    let endpoint = Endpoint(scheme: .http, host: "name", port: 9)
    let connection = ClientConnection(
      slot: 0, endpoint: endpoint, addresses: EndpointAddresses(endpoint, known: []), loop: try EventLoop())
    guard case .failed(.nameNotResolved, requestMayHaveBeenReceived: false) = connection.connect() else {
      Issue.record("connected without an address")
      return
    }
    #expect(connection.isClosed)
  }
}
