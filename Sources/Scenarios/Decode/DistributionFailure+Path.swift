import Measurement
import StrictJSON

extension ResolvedNode {
  /// Calls a maker of distributions and puts this object's path before the field it refuses.
  func mappingFailure<Value>(_ make: () throws(DistributionFailure) -> Value) throws(JSONFailure) -> Value {
    do {
      return try make()
    } catch {
      throw field(error.field).failure(expected: error.expected)
    }
  }

  /// The node of a field such as `p99` or `values[2].weight`; the object itself when it was not written.
  private func field(_ name: String) -> JSONNode {
    var current = self
    for part in name.split(separator: ".") {
      let pieces = part.split(separator: "[")
      guard let member = pieces.first, current.declares(String(member)) else { return current.node }
      current = current[String(member)]
      for piece in pieces.dropFirst() {
        guard case .list(let elements) = current.value, let index = Int(piece.dropLast()),
          elements.indices.contains(index)
        else { return current.node }
        current = elements[index]
      }
    }
    return current.node
  }
}
