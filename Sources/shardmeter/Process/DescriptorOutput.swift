import Glibc

/// Text output on a file descriptor with write(2), unbuffered, so that lines of several writers do not mix.
struct DescriptorOutput: TextOutput {
  private let descriptor: Int32
  let takesUnicode: Bool

  private init(descriptor: Int32, takesUnicode: Bool) {
    self.descriptor = descriptor
    self.takesUnicode = takesUnicode
  }

  /// Results.
  static func standardOutput(takesUnicode: Bool) -> DescriptorOutput {
    DescriptorOutput(descriptor: STDOUT_FILENO, takesUnicode: takesUnicode)
  }
  /// Progress, warnings, errors.
  static func standardError(takesUnicode: Bool) -> DescriptorOutput {
    DescriptorOutput(descriptor: STDERR_FILENO, takesUnicode: takesUnicode)
  }

  /// Opens `/dev/null` in place of a standard stream that the process was started without: the number would else go to the
  /// next file or socket, and results or warnings would be written into it. Called before anything is opened.
  static func occupyStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is the one that is missing, since those below are taken.
      _ = open("/dev/null", O_RDWR)
    }
  }

  var isTerminal: Bool { isatty(descriptor) == 1 }

  var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes the text if that can be done at once. A pipe has room for a page then (`PIPE_BUF`, pipe(7)), more than any of
  /// the texts that are offered.
  func offer(_ text: String) {
    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&ready, 1, 0) > 0 else { return }
    write(text)
  }

  /// Writes all of the text, going on after a signal and after a part; gives up when the reader has gone.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, start, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count < 0, errno == EINTR {
          continue
        } else if count < 0, errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
        } else {
          return
        }
      }
    }
  }
}
