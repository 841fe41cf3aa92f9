import StrictJSON

/// Which columns of a trace say what.
struct TraceColumns: Hashable {
  /// How a row's time is written.
  enum Time: String, CaseIterable {
    case seconds = "t_s"
    case milliseconds = "t_ms"
    case utc = "time_utc"
  }

  /// How a row's time is written.
  let time: Time
  let timeIndex: Int
  /// Whether rows give the hash of a key instead of the key.
  let isHashed: Bool
  let keyIndex: Int
  let sizeIndex: Int
  let hashKeyIndex: Int?

  /// Finds the columns by their names; others are left alone.
  ///
  /// - Throws: the column that is missing, named.
  init(_ names: [String]) throws(TraceFailure) {
    func missing(_ expected: String) -> TraceFailure {
      TraceFailure(
        expected: expected, found: names.isEmpty ? "none" : "only \(names.map(JSONNode.quoted).joined(separator: ", "))"
      )
    }
    for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
      throw TraceFailure(expected: "columns of different names", found: "the column \(JSONNode.quoted(name)) twice")
    }
    let times = Time.allCases.filter { names.contains($0.rawValue) }
    if times.count > 1 {
      throw TraceFailure(
        expected: "one column with the time", found: times.map { "\"\($0.rawValue)\"" }.joined(separator: " and "))
    }
    guard let time = times.first, let timeIndex = names.firstIndex(of: time.rawValue) else {
      throw missing("a column \"t_s\", \"t_ms\" or \"time_utc\" with the time")
    }
    let key = names.firstIndex(of: "key")
    guard let keyIndex = key ?? names.firstIndex(of: "hash") else {
      throw missing("a column \"key\" or \"hash\"")
    }
    guard let sizeIndex = names.firstIndex(of: "size") else {
      throw missing("a column \"size\" with the bytes of data")
    }
    (self.time, self.timeIndex, isHashed) = (time, timeIndex, key == nil)
    (self.keyIndex, self.sizeIndex, hashKeyIndex) = (keyIndex, sizeIndex, names.firstIndex(of: "explicit_hash_key"))
  }
}
