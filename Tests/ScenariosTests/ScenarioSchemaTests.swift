import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import Scenarios

/// Schema and documentation are those of the declaration.
@Suite struct ScenarioSchemaTests {
  private var schemaFile: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("scenarios/schema/scenario.json")
  }

  /// The file that the scenarios' `$schema` names is the one the program prints.
  @Test func theSchemaBesideTheScenariosIsCurrent() throws {
    let text = JSONWriter.pretty(ScenarioSchema.json) + "\n"
    if ProcessInfo.processInfo.environment["RECORD"] == "1" { try Data(text.utf8).write(to: schemaFile) }
    #expect(try String(contentsOf: schemaFile, encoding: .utf8) == text)
  }

  @Test func theFieldTableIsRecorded() {
    expectGolden(ScenarioFieldTable.markdown, "scenario-fields.md")
  }

  /// Every default must itself be allowed, or a scenario that leaves the field out could not be read.
  @Test func everyDefaultIsAllowed() throws {
    func check(_ fields: [FieldDeclaration]) throws {
      for field in fields {
        if case .value(let value) = field.fallback {
          _ = try field.shape.resolve(JSONNode(value, path: .root, location: JSONLocation(source: field.name)))
        }
        try check(field.shape)
      }
    }
    func check(_ shape: ValueShape) throws {
      switch shape {
      case .object(let declaration): try check(declaration.fields)
      case .choice(let choice): for type in choice.types { try check(type.fields) }
      case .list(let element, _, _): try check(element)
      default: break
      }
    }
    try check(ScenarioLanguage.document.fields)
  }
}
