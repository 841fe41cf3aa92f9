import StrictJSON

/// The machine the generator ran on.
package struct SummaryMachine: SummarySection {
  package var cpu: String?
  package var cores: Int?
  package var memoryBytes: Int?
  package var os: String?
  package var kernel: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("cpu", &cpu)
    try visitor.member("cores", &cores)
    try visitor.member("memory_bytes", &memoryBytes)
    try visitor.member("os", &os)
    try visitor.member("kernel", &kernel)
  }
}
