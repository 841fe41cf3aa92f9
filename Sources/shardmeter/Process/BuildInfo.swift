import CBuild

/// What the program knows about itself; what was not told at build time is "unknown", never guessed.
struct BuildInfo: Sendable, Equatable {
  /// The released version this source belongs to.
  var version: String
  /// The commit it was built from, or "unknown".
  var revision: String
  /// Whether the tree had changes that are in no commit; nil when the revision is unknown.
  var isDirty: Bool?
  /// The compiler, as exact as the language lets a program ask.
  var swift: String
  /// "release" or "debug".
  var mode: String

  /// This program.
  static var current: BuildInfo {
    BuildInfo(version: "0.1.0", stamp: String(cString: shardmeter_build_revision()), swift: compiler, mode: mode)
  }

  /// - Parameters:
  ///   - stamp: `REVISION`, `REVISION-dirty`, or empty when the build was told nothing; see `SHARDMETER_REVISION` in
  ///     `Package.swift`.
  init(version: String, stamp: String, swift: String, mode: String) {
    self.version = version
    self.swift = swift
    self.mode = mode
    let suffix = "-dirty"
    if stamp.isEmpty {
      revision = "unknown"
      isDirty = nil
    } else {
      isDirty = stamp.hasSuffix(suffix)
      revision = stamp.hasSuffix(suffix) ? String(stamp.dropLast(suffix.count)) : stamp
    }
  }

  /// The first line of the answer to `--version`.
  var description: String {
    let tree = isDirty == true ? ", with uncommitted changes" : ""
    return "shardmeter \(version) (revision \(revision)\(tree), Swift \(swift), \(mode))"
  }

  /// What it was built for, as in `x86_64-linux`.
  static var platform: String {
    #if arch(x86_64)
      "x86_64-linux"
    #elseif arch(arm64)
      "aarch64-linux"
    #else
      "unknown-linux"
    #endif
  }

  private static var mode: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  /// Swift names its version to a program only by comparison, so this knows the versions it was tried with.
  private static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
