extension Plan {
  /// Whether a record's partition key alone says where it goes: false when any phase sends explicit hash keys.
  package var isKeyPlacing: Bool { !storage.generators.contains { $0.hasHashKeys } }
}
