import Measurement

/// One connection of a server, and the memory that later connections in its slot use again.
final class ServerConnection {
  /// What the connection is about.
  enum State {
    /// The slot is free.
    case closed
    /// Encryption is being agreed.
    case shakingHands
    /// Requests are read.
    case reading
    /// An answer waits for its time.
    case delayed
    /// An answer is on its way.
    case writing
    /// A request is left without an answer.
    case silent
    /// This side has ended; what still arrives is dropped until the other side ends too.
    case lingering
  }

  /// What follows the answer under way.
  enum Ending {
    case nextRequest
    case end
    case reset
  }

  /// Room kept before an answer's body for its head; a longer head moves the body.
  static let headRoom = 1024

  let slot: Int
  let received = ByteBuffer(capacity: 16 << 10)
  let answer = ByteBuffer(capacity: 4 << 10)

  /// What its buffers hold beyond their usual size, as the server's sum has it.
  var countedBytes = 0
  var stream: (any ByteStream)?
  var state = State.closed
  /// Which connection of the server's life it is; tells a timer's connection from a later one in the same slot.
  var serial: UInt64 = 0
  var requests = 0
  var parser: HTTPRequestParser
  /// Where the request being read begins in `received`.
  var start = 0
  /// Whether the socket may hold bytes that have not been read.
  var mayHaveMore = false
  /// Whether the client has ended its side: that was reported once, and only a read that finds nothing shows where.
  var hasPeerEnded = false
  var hasSentContinue = false
  /// The part of `answer` still to be sent.
  var unsent = 0..<0
  var ending = Ending.nextRequest
  /// When a delayed answer goes out.
  var due = Instant(nanoseconds: 0)
  /// When the socket was last reported as ready.
  var lastActivity = Instant(nanoseconds: 0)
  /// When the first byte of the unfinished request was read.
  var requestBegan: Instant?

  init(slot: Int) {
    self.slot = slot
    parser = HTTPRequestParser()
  }

  /// Takes over a new connection.
  func open(_ stream: any ByteStream, serial: UInt64, limits: HTTPMessageLimits, now: Instant) {
    precondition(state == .closed, "the slot is in use")
    self.stream = stream
    self.serial = serial
    state = .shakingHands
    requests = 0
    start = 0
    received.count = 0
    parser = HTTPRequestParser(limits: limits)
    mayHaveMore = true
    hasPeerEnded = false
    hasSentContinue = false
    unsent = 0..<0
    ending = .nextRequest
    lastActivity = now
    requestBegan = nil
  }
}
