import Glibc
import Measurement
import RunResults

/// A server that is started by a command on a free loopback port, and waited for until it listens.
final class StartedServer {
  let url: String
  private let child: ChildProcess
  /// How long it may take until it listens.
  private static let timeout = Nanoseconds.seconds(10)

  /// Starts it.
  ///
  /// - Parameters:
  ///   - command: for `sh -c`; `{port}` stands for the port. What it prints on standard output goes nowhere.
  ///   - name: of the side, for messages.
  /// - Throws: `CommandFailure` 6 when nothing listens in time.
  init(_ command: String, name: String, context: Context) throws {
    let port = try Self.freePort()
    url = "http://127.0.0.1:\(port)"
    child = try ChildProcess(
      executable: "/bin/sh",
      arguments: ["sh", "-c", "exec >/dev/null\n" + command.replacing("{port}", with: "\(port)")],
      environment: context.environment)
    let deadline = context.clock.now() + Self.timeout
    while !Self.isOpen(port) {
      guard context.clock.now() < deadline else {
        end()
        throw CommandFailure(
          "--\(name)-start: nothing listens on port \(port) after \(Int(Self.timeout.seconds)) s", code: .unreachable)
      }
      usleep(20_000)
    }
  }

  /// Ends it and what it started.
  func end() {
    // It leads a process group of its own; a shell need not pass signals on.
    kill(-child.identifier, SIGTERM)
    child.end(by: SIGKILL)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func withAddress<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
  }

  /// A port that nobody listens on at this moment.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard descriptor >= 0, withAddress(&address, { bind(descriptor, $0, length) }) == 0,
      withAddress(&address, { getsockname(descriptor, $0, &length) }) == 0
    else { throw CommandFailure("no free port: \(String(cString: strerror(errno)))", code: .internalError) }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func isOpen(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = address(port)
    return withAddress(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }
}
