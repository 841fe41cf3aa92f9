/// The operations on a stream's tags and retention period.
extension EmbeddedService {
  /// Hours a stream may keep its records (botocore, IncreaseStreamRetentionPeriod: 24 hours to 365 days).
  static let retentionHours = 24...8760
  /// Tags a stream may carry (botocore, AddTagsToStream).
  static let tagLimit = 50

  /// Sets tags, all or none.
  func addTags(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    guard case .map(let members) = input["Tags"] else { return nil }
    let tags = members.map { ($0.name, $0.value.text ?? "") }
    try checkTagCharacters(tags.flatMap { [$0.0, $0.1] }, action: "add tags to", stream: stream.name)
    let names = Set(stream.tags.keys).union(tags.map(\.0))
    guard names.count <= Self.tagLimit else {
      throw .invalidArgument(
        """
        Failed to add tags to stream \(stream.name) under account \(configuration.account) because a given stream \
        cannot have more than \(Self.tagLimit) tags associated with it.
        """)
    }
    for (name, value) in tags { stream.tags[name] = value }
    return nil
  }

  /// Removes tags; those that are not there do not matter.
  func removeTags(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    let names = (input["TagKeys"]?.list ?? []).compactMap(\.text)
    try checkTagCharacters(names, action: "remove tags from", stream: stream.name)
    for name in names { stream.tags[name] = nil }
    return nil
  }

  /// A page of the tags in order of key.
  func listTags(_ input: ServiceValue) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    let limit = input["Limit"]?.naturalNumber ?? Self.tagLimit
    let start = input["ExclusiveStartTagKey"]?.text
    let keys = stream.tags.keys.filter { key in start.map { key > $0 } ?? true }.sorted()
    let page = keys.prefix(limit).map { key in
      ServiceValue.members(("Key", .text(key)), ("Value", stream.tags[key].map { .text($0) }))
    }
    return .members(("Tags", .list(page)), ("HasMoreTags", .bool(keys.count > limit)))
  }

  /// Changes the retention period in one direction.
  func changeRetention(_ input: ServiceValue, isIncrease: Bool) throws(ServiceFailure) -> ServiceValue? {
    let stream = try stream(input)
    let hours = input["RetentionPeriodHours"]?.naturalNumber ?? 0
    guard hours >= Self.retentionHours.lowerBound else {
      throw .invalidArgument(
        "Minimum allowed retention period is \(Self.retentionHours.lowerBound) hours. "
          + "Requested retention period (\(hours) hours) is too short.")
    }
    guard hours <= Self.retentionHours.upperBound else {
      throw .invalidArgument(
        "Maximum allowed retention period is \(Self.retentionHours.upperBound) hours. "
          + "Requested retention period (\(hours) hours) is too long.")
    }
    let isOpposite = isIncrease ? hours < stream.retentionHours : hours > stream.retentionHours
    guard !isOpposite else {
      throw .invalidArgument(
        """
        Requested retention period (\(hours) hours) for stream \(stream.name) can not be \
        \(isIncrease ? "shorter" : "longer") than existing retention period (\(stream.retentionHours) hours). Use \
        \(isIncrease ? "Decrease" : "Increase")RetentionPeriod API.
        """)
    }
    stream.retentionHours = hours
    return nil
  }

  private func checkTagCharacters(_ texts: [String], action: String, stream: String) throws(ServiceFailure) {
    guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy(Self.isTagCharacter) }) else {
      throw .invalidArgument(
        "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @."
      )
    }
    guard !texts.contains(where: { $0.contains("%") }) else {
      throw .invalidArgument(
        """
        Failed to \(action) stream \(stream) under account \(configuration.account) because some tags contained illegal \
        characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.
        """)
    }
  }

  private static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isAlphabetic || scalar.properties.numericType != nil { return true }
    return " _./=+-@%:".unicodeScalars.contains(scalar)
  }
}
