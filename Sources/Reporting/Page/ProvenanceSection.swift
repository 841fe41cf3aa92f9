import Observations
import RunResults

/// Enough to run it again, and what was left out.
enum ProvenanceSection {
  /// The section; every line that has no value is left out.
  ///
  /// - Parameter summary: nil where a run was cut off before it was written.
  static func markup(_ summary: Summary?, warmUpSeconds: Double) -> Markup {
    let lines = lines(summary ?? Summary(), warmUpSeconds)
    let half = (lines.count + 1) / 2
    func list(_ part: ArraySlice<(name: String, value: Markup)>) -> Markup {
      guard !part.isEmpty else { return "" }
      return "<dl>\(part.map { "<dt>\($0.name)</dt><dd>\($0.value)</dd>" as Markup }.joined())</dl>"
    }
    return PageSection(
      title: "Provenance", notes: ["Enough to run it again."], classes: "end", figureClasses: "prov"
    ).markup("\(list(lines.prefix(half)))\(list(lines.dropFirst(half)))")
  }

  private static func lines(_ summary: Summary, _ warmUpSeconds: Double) -> [(name: String, value: Markup)] {
    var lines: [(name: String, value: Markup)] = []
    func add(_ name: String, _ text: String?, mono: Bool = false) {
      guard let text, !text.isEmpty else { return }
      lines.append((name, mono ? "<span class=\"mono\">\(text)</span>" : "\(text)"))
    }
    add("command", summary.scenario?.command, mono: true)
    add("observed", summary.observe?.command?.line, mono: true)
    add("description", summary.scenario?.description)
    if let scenario = summary.scenario {
      add("workload", "sha256 \(short(scenario.sha256)), seed \(scenario.seed)", mono: true)
      add("plan", scenario.planSHA256.map { "sha256 \(short($0))" }, mono: true)
    }
    add("shardmeter", build(summary.tool), mono: true)
    // The embedded target's address is its kind.
    let kind = summary.target.kind == summary.target.endpoint ? "" : summary.target.kind
    add(
      "endpoint",
      [summary.target.endpoint, kind, summary.target.region ?? ""].filter { !$0.isEmpty }.joined(separator: ", "),
      mono: true)
    add("limits assumed", limits(summary.target))
    if let machine = summary.machine { add("machine", text(machine)) }
    add("clock", "monotonic, 1 ns; histograms of 3 significant digits, 2 per shard")
    var client: [String] = []
    if let workers = summary.generator?.workers, workers > 0 { client.append(NumberFormat.count(workers, "worker")) }
    if let connections = summary.generator?.connections {
      client.append(NumberFormat.count(connections, "connection"))
    }
    if let cap = summary.generator?.inFlightCap {
      client.append("at most \(NumberFormat.count(cap, "request")) in flight")
    }
    add("client", client.joined(separator: ", "))
    add("connections", connections(summary.connections))
    var apart: [String] = []
    if warmUpSeconds > 0 {
      apart.append(
        "\(NumberFormat.seconds(warmUpSeconds)) of warm-up with \(NumberFormat.count(summary.warmupRecords?.traffic.attempted ?? 0, "attempt"))"
      )
    }
    if summary.time.drainS > 0 { apart.append("\(NumberFormat.seconds(summary.time.drainS)) of drain") }
    if let count = summary.records.notReached, count > 0 {
      apart.append("\(NumberFormat.count(count, "record")) never came due")
    }
    add("not counted", apart.joined(separator: "; "))
    if let count = summary.records.delivery?.mayBeDuplicates, count > 0 {
      add("maybe twice", "\(NumberFormat.count(count, "record")) sent again after a try without an answer")
    }
    let files = summary.files.filter(isPlainName)
    if !files.isEmpty {
      let links = files.map { "<a href=\"\($0)\">\($0)</a>" as Markup }.joined(" ")
      lines.append(("files", "<span class=\"mono\">\(links)</span>"))
    }
    return lines
  }

  /// A name that can only be a file beside the page: no scheme, no path.
  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".")
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || [0x2d, 0x2e, 0x5f].contains($0)
      }
  }

  private static func short(_ hash: String) -> String {
    hash.count > 16 ? "\(hash.prefix(8))…\(hash.suffix(4))" : hash
  }

  private static func build(_ tool: SummaryTool) -> String {
    var text = tool.version
    if let revision = tool.revision {
      text += " (\(revision)\(tool.dirty.map { $0 ? ", dirty" : ", clean" } ?? ""))"
    }
    if let swift = tool.swift { text += ", Swift \(swift)" }
    if let mode = tool.mode { text += ", \(mode)" }
    return text
  }

  /// How many were made and what that took; nothing where none is known of.
  private static func connections(_ made: SummaryConnections) -> String {
    guard made.opened > 0 else { return "" }
    var parts = ["\(made.opened) made"]
    func add(_ name: String, _ times: SummaryLatency) {
      guard let median = times.p50, let longest = times.max else { return }
      parts.append("\(name) p50 \(NumberFormat.brief(median)) ms, at most \(NumberFormat.brief(longest)) ms")
    }
    if made.handshakeMs.count + made.resumedHandshakeMs.count == 0 {
      add("TCP", made.connectMs)
    } else {
      add("TLS handshake", made.handshakeMs)
      add("\(made.resumed) resumed", made.resumedHandshakeMs)
    }
    return parts.joined(separator: "; ")
  }

  private static func limits(_ target: SummaryTarget) -> String {
    guard let limits = target.limits else { return "none" }
    var parts: [String] = []
    if let records = limits.recordsPerS { parts.append("\(records) rec/s") }
    if let bytes = limits.bytesPerS { parts.append("\(NumberFormat.brief(Double(bytes) / 1_048_576)) MiB/s") }
    let profile = target.limitsProfile.map { " (\($0))" } ?? ""
    return parts.isEmpty ? "none" : parts.joined(separator: " and ") + " a shard" + profile
  }

  private static func text(_ machine: SummaryMachine) -> String {
    var parts: [String] = []
    if let cores = machine.cores { parts.append("\(cores) × \(machine.cpu ?? "processor")") }
    if let memory = machine.memoryBytes {
      parts.append("\(NumberFormat.brief(Double(memory) / 1_073_741_824)) GiB")
    }
    if let system = machine.os { parts.append(system) }
    if let kernel = machine.kernel { parts.append(kernel) }
    return parts.joined(separator: ", ")
  }
}
