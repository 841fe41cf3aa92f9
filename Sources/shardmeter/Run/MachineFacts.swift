import FoundationEssentials
import Glibc
import RunResults

/// What the kernel tells about the machine, for a report's provenance.
enum MachineFacts {
  /// This machine; what cannot be read stays empty.
  static func current() -> SummaryMachine {
    var machine = SummaryMachine()
    machine.cpu = text("/proc/cpuinfo").flatMap { value(of: "model name", in: $0, separator: ":") } ?? ""
    machine.cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    machine.memoryBytes = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    machine.os = text("/etc/os-release").flatMap { value(of: "PRETTY_NAME", in: $0, separator: "=") } ?? ""
    machine.kernel = text("/proc/sys/kernel/osrelease").map(trimmed) ?? ""
    return machine
  }

  private static func text(_ path: String) -> String? {
    FileReader.bytes(at: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The value of the first line that starts with a name, quotes and spaces taken off.
  static func value(of name: String, in text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let end = line.firstIndex(of: separator) else { continue }
      return trimmed(String(line[line.index(after: end)...]))
    }
    return nil
  }

  private static func trimmed(_ text: String) -> String {
    let isOuter: (Character) -> Bool = { $0.isWhitespace || $0 == "\"" }
    guard let first = text.firstIndex(where: { !isOuter($0) }), let last = text.lastIndex(where: { !isOuter($0) })
    else { return "" }
    return String(text[first...last])
  }
}
