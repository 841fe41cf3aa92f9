import CLinux
import Glibc

/// Every call this module makes into the kernel for sockets, readiness and timers; no other file of it does.
///
/// A call interrupted by a signal is repeated, "would block" is a value, and an error number that can only mean a mistake
/// of ours (`EBADF`, `EFAULT`, `ENOTSOCK`) stops the process instead of passing for bad weather.
package enum SystemCalls {
  /// What a non-blocking transfer did.
  package enum Transfer: Hashable, Sendable {
    /// So many bytes went over; 0 from a read means that the peer has ended its side.
    case bytes(Int)
    /// Nothing can go over now.
    case wouldBlock
    /// The connection is broken; the error number says how.
    case failed(Int32)
  }

  /// Gives memory that was freed back to the system, wherever in the heap it lies. Takes milliseconds.
  package static func trimMemory() {
    clinux_trim_memory()
  }

  // MARK: Sockets

  /// A non-blocking stream socket that is closed on `exec`.
  package static func socket(family: Int32) throws(SystemCallFailure) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    return try retrying(.socket) { Glibc.socket(family, type, 0) }
  }

  /// Two connected non-blocking stream sockets (`AF_UNIX`), for tests and hand-offs inside the process.
  package static func socketPair() throws(SystemCallFailure) -> (Int32, Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let result = withUnsafeMutableBytes(of: &ends) { raw in
      Glibc.socketpair(AF_UNIX, type, 0, raw.assumingMemoryBound(to: Int32.self).baseAddress)
    }
    if result != 0 { throw SystemCallFailure(.socket, errno) }
    return ends
  }

  /// Starts to connect. `bytes(0)` means connected at once, `wouldBlock` that the outcome arrives as writability.
  package static func connect(_ descriptor: Int32, to address: SocketAddress) -> Transfer {
    let result = address.withSocketAddress { pointer, length in Glibc.connect(descriptor, pointer, length) }
    if result == 0 { return .bytes(0) }
    switch errno {
    // An interrupted connect goes on by itself; asking again would say EALREADY.
    case EINPROGRESS, EINTR, EALREADY: return .wouldBlock
    case EISCONN: return .bytes(0)
    case let code:
      trapOnMisuse(.connect, code)
      return .failed(code)
    }
  }

  /// The outcome of a connect that was under way, as an error number; 0 when it succeeded.
  package static func pendingError(of descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let result = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    if result != 0 {
      trapOnMisuse(.getsockopt, errno)
      return errno
    }
    return code
  }

  /// Sends without raising `SIGPIPE`.
  package static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    while true {
      let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .bytes(count) }
      let code = errno
      if code == EINTR { continue }
      if code == EAGAIN { return .wouldBlock }
      trapOnMisuse(.send, code)
      return .failed(code)
    }
  }

  /// Reads what has arrived, at most the room given.
  package static func receive(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = recv(descriptor, room.baseAddress, room.count, 0)
      if count >= 0 { return .bytes(count) }
      let code = errno
      if code == EINTR { continue }
      if code == EAGAIN { return .wouldBlock }
      trapOnMisuse(.recv, code)
      return .failed(code)
    }
  }

  /// Ends this side's sending; the peer reads to the end of what was sent.
  package static func shutDownWriting(_ descriptor: Int32) {
    // It fails only when the peer has already gone, which the next read reports.
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Closes a descriptor. On Linux it is gone whatever the call answers, so nothing is repeated.
  package static func close(_ descriptor: Int32) {
    if Glibc.close(descriptor) != 0 {
      precondition(errno != EBADF, "close of descriptor \(descriptor), which is not open")
    }
  }

  /// Closes a connection with a reset instead of an orderly end.
  package static func closeWithReset(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }

  /// Sends small messages at once instead of waiting for the previous one's acknowledgement (Nagle's rule off).
  package static func disableDelay(_ descriptor: Int32) {
    // Fails on sockets that know no such delay (AF_UNIX), where nothing is to be done.
    _ = setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
  }

  // MARK: Listening

  /// A listening socket bound to the address; `EADDRINUSE` and the like are thrown as failures of `bind`.
  package static func listen(on address: SocketAddress, backlog: Int32 = 1024) throws(SystemCallFailure) -> Int32 {
    let descriptor = try socket(family: address.family)
    do throws(SystemCallFailure) {
      // Without it a port just left stays closed for a minute to the next server.
      if setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) != 0 { throw SystemCallFailure(.setsockopt, errno) }
      let bound = address.withSocketAddress { pointer, length in Glibc.bind(descriptor, pointer, length) }
      if bound != 0 { throw SystemCallFailure(.bind, errno) }
      if Glibc.listen(descriptor, backlog) != 0 { throw SystemCallFailure(.listen, errno) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// The next connection waiting at a listener, non-blocking and closed on `exec`.
  package static func accept(_ listener: Int32) -> Transfer {
    while true {
      let descriptor = clinux_accept(listener)
      if descriptor >= 0 { return .bytes(Int(descriptor)) }
      switch errno {
      // A connection that died in the queue is not the listener's failure (accept(2), "Error handling").
      case EINTR, ECONNABORTED: continue
      case EAGAIN: return .wouldBlock
      case let code:
        trapOnMisuse(.accept, code)
        return .failed(code)
      }
    }
  }

  /// The address a socket is bound to; after binding to port 0 it holds the port chosen.
  package static func localAddress(of descriptor: Int32) throws(SystemCallFailure) -> SocketAddress {
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
    var length = socklen_t(bytes.count)
    let result = bytes.withUnsafeMutableBytes { raw in
      getsockname(descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    if result != 0 { throw SystemCallFailure(.getsockname, errno) }
    return SocketAddress(bytes: Array(bytes.prefix(Int(length))))
  }

  // MARK: Readiness

  /// An epoll instance.
  package static func epollCreate() throws(SystemCallFailure) -> Int32 {
    try retrying(.epollCreate) { epoll_create1(Int32(EPOLL_CLOEXEC)) }
  }

  /// Adds a descriptor to an epoll instance or changes what it is watched for.
  package static func epollControl(
    _ epoll: Int32, adding: Bool, _ descriptor: Int32, events: UInt32, data: UInt64
  ) throws(SystemCallFailure) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = data
    if epoll_ctl(epoll, adding ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) != 0 {
      trapOnMisuse(.epollControl, errno)
      throw SystemCallFailure(.epollControl, errno)
    }
  }

  /// Takes a descriptor out of an epoll instance.
  package static func epollRemove(_ epoll: Int32, _ descriptor: Int32) {
    if epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil) != 0 { trapOnMisuse(.epollControl, errno) }
  }

  /// Waits with a time-out in nanoseconds; negative waits for ever. An interruption counts as no event.
  package static func epollWait(
    _ epoll: Int32, _ events: UnsafeMutableBufferPointer<epoll_event>, nanoseconds: Int64
  ) throws(SystemCallFailure) -> Int {
    let count = clinux_epoll_wait_ns(epoll, events.baseAddress, Int32(events.count), nanoseconds)
    return try waited(count)
  }

  /// Waits with the classic call: without end, or not at all.
  package static func epollWait(
    _ epoll: Int32, _ events: UnsafeMutableBufferPointer<epoll_event>, blocking: Bool
  ) throws(SystemCallFailure) -> Int {
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), blocking ? -1 : 0)
    return try waited(count)
  }

  /// Whether the kernel has (and a sandbox allows) the wait with a time-out in nanoseconds, by trying it once.
  package static func hasNanosecondWait(_ epoll: Int32) -> Bool {
    var event = epoll_event()
    return clinux_epoll_wait_ns(epoll, &event, 1, 0) >= 0
  }

  /// A counter that makes a wait return when another thread writes to it.
  package static func eventDescriptor() throws(SystemCallFailure) -> Int32 {
    try retrying(.eventDescriptor) { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) }
  }

  /// Adds one to such a counter; safe from any thread and from a signal handler.
  package static func signal(eventDescriptor descriptor: Int32) {
    var one: UInt64 = 1
    // Only a full counter refuses, and then the event is pending anyway.
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// A timer on the monotonic clock that becomes readable when it fires.
  package static func timerDescriptor() throws(SystemCallFailure) -> Int32 {
    try retrying(.timerDescriptor) {
      timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
    }
  }

  /// Lets a timer fire once after so many nanoseconds from now; setting it also takes back a firing not yet read.
  package static func setTimer(_ descriptor: Int32, after nanoseconds: Int64) throws(SystemCallFailure) {
    var specification = itimerspec()
    // A zero would disarm the timer.
    let delay = max(1, nanoseconds)
    specification.it_value = timespec(tv_sec: Int(delay / 1_000_000_000), tv_nsec: Int(delay % 1_000_000_000))
    if timerfd_settime(descriptor, 0, &specification, nil) != 0 { throw SystemCallFailure(.timerSet, errno) }
  }

  // MARK: Errors

  /// The C library's sentence for an error number.
  package static func message(of errorNumber: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    guard strerror_r(errorNumber, &text, text.count) == 0 else { return "error" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Int32 {
    var value = value
    return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func waited(_ count: Int32) throws(SystemCallFailure) -> Int {
    if count >= 0 { return Int(count) }
    if errno == EINTR { return 0 }
    trapOnMisuse(.epollWait, errno)
    throw SystemCallFailure(.epollWait, errno)
  }

  private static func retrying(
    _ name: SystemCallFailure.StaticName, _ call: () -> Int32
  ) throws(SystemCallFailure) -> Int32 {
    while true {
      let result = call()
      if result >= 0 { return result }
      if errno != EINTR { throw SystemCallFailure(name, errno) }
    }
  }

  private static func trapOnMisuse(_ name: SystemCallFailure.StaticName, _ code: Int32) {
    precondition(
      code != EBADF && code != EFAULT && code != ENOTSOCK, "\(name.rawValue) was given a descriptor or memory of no use"
    )
  }
}
