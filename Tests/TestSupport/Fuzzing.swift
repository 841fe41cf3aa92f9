import Foundation

/// How much the tests with spoilt inputs do. Each input lies in memory of exactly its size, so that the address sanitizer
/// sees a read beyond it; `scripts/fuzz` runs all suites whose names end in `FuzzTests` under it, with many more inputs.
package enum Fuzzing {
  /// Inputs of each test: 2,000, or what `FUZZ_INPUTS` says.
  package static let inputs = ProcessInfo.processInfo.environment["FUZZ_INPUTS"].flatMap(Int.init) ?? 2000
  /// The seed of the mutations, changed by `FUZZ_SEED`.
  package static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 1

  /// Copies an input to memory of its own and uses it.
  package static func lying<Result>(_ input: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: input)
    return body(UnsafeRawBufferPointer(memory))
  }

  /// The input in a form that a failure can show and a test can take in again.
  package static func shown(_ input: [UInt8]) -> String { Data(input).base64EncodedString() }
}
