/// Reads a closed object: every member must be asked for by name, and what is left over is an error.
package struct JSONObjectReader: Sendable {
  /// The object itself.
  package let node: JSONNode
  /// The members in the order written; names are unique.
  package let members: [JSONMember]

  init(node: JSONNode, members: [JSONMember]) {
    self.node = node
    self.members = members
  }

  /// The value of a member that must be there. O(members).
  ///
  /// - Parameter expected: what is missing, for the message; by default the quoted name.
  package func required(_ name: String, expected: String? = nil) throws(JSONFailure) -> JSONNode {
    if let value = optional(name) { return value }
    let near = nearestWord(to: name, in: members.map(\.name))
    throw node.failure(
      expected: expected ?? "the field \"\(name)\"",
      found: near.map { "\"\($0)\"" } ?? (members.isEmpty ? "an empty object" : "none"))
  }

  /// The value of a member that may be absent. O(members).
  package func optional(_ name: String) -> JSONNode? {
    members.first { $0.name == name }?.value
  }

  /// Refuses members that are not in the list, naming the nearest word that is.
  package func finish(allowed: [String]) throws(JSONFailure) {
    for member in members where !allowed.contains(member.name) {
      throw JSONFailure(
        location: member.location, path: member.value.path,
        expected: allowed.isEmpty ? "no field here" : "one of the fields \(allowed.joined(separator: ", "))",
        found: "the unknown field \(JSONNode.quoted(member.name))",
        suggestion: nearestWord(to: member.name, in: allowed))
    }
  }
}
