/// How partition keys appear in results.
enum KeyDisplay: String, Sendable, CaseIterable {
  case show, hash, hide
}
