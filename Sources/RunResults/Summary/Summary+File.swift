import StrictJSON

extension Summary {
  /// The file's text: two spaces a level, members in a fixed order, a line feed at the end.
  package var fileText: String { JSONWriter.pretty(json(decimals: 6)) + "\n" }

  /// Reads the file.
  ///
  /// - Parameter source: the name messages give to the file.
  /// What `/1` called otherwise is taken over; what it did not have is absent.
  ///
  /// - Throws: `JSONFailure` for text that is no JSON, a member of another type, or a schema of another number.
  package static func parse(_ bytes: [UInt8], source: String = Summary.fileName) throws(JSONFailure) -> Summary {
    let node = try JSONDocument.parse(bytes, source: source)
    let schema = try node.object().required("schema")
    let name = try schema.string()
    guard name == schemaName || name == formerSchemaName else { throw schema.failure(expected: "\"\(schemaName)\"") }
    var summary = try Summary(json: node)
    for name in trafficSections where summary.hasTraffic {
      guard let section = try node.object().optional(name), case .null = section.kind else { continue }
      throw section.failure(expected: "an object in a summary of kind \(summary.kind)")
    }
    summary.schema = schemaName
    if name == formerSchemaName, let ratio = try node.object().optional("rates")?.object().optional("undelivered_ratio")
    {
      summary.rates.lostRatio = try Double?(json: ratio)
    }
    return summary
  }

  /// The JSON Schema of the file (draft 2020-12).
  package static var fileSchema: JSONValue {
    guard case .object(let members) = jsonSchema else { return jsonSchema }
    let head: [(String, JSONValue)] = [
      ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .string(schemaName)),
    ]
    return .object(head + members)
  }
}
