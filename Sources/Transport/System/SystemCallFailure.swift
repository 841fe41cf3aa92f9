/// A system call that failed for a reason the world gave, not for a mistake of ours.
package struct SystemCallFailure: Error, Hashable, Sendable {
  /// The call's name as its manual page spells it.
  package let call: StaticName
  /// The error number the call left behind.
  package let errorNumber: Int32

  /// A failure of the call with this name.
  package init(_ call: StaticName, _ errorNumber: Int32) {
    self.call = call
    self.errorNumber = errorNumber
  }
}

extension SystemCallFailure: CustomStringConvertible {
  /// For example `connect: Connection refused (errno 111)`.
  package var description: String {
    "\(call.rawValue): \(SystemCalls.message(of: errorNumber)) (errno \(errorNumber))"
  }
}

extension SystemCallFailure {
  /// The calls this module makes, by the names of their manual pages.
  package enum StaticName: String, Sendable {
    case accept
    case bind
    case connect
    case epollControl = "epoll_ctl"
    case epollCreate = "epoll_create1"
    case epollWait = "epoll_wait"
    case eventDescriptor = "eventfd"
    case getrlimit
    case getsockname
    case getsockopt
    case listen
    case prctl
    case recv
    case schedSetAffinity = "sched_setaffinity"
    case send
    case setrlimit
    case setsockopt
    case socket
    case timerDescriptor = "timerfd_create"
    case timerSet = "timerfd_settime"
  }
}
