import Measurement
import Testing
import Transport

@Suite("Use of the machine")
struct ProcessUsageTests {
  @Test("is known of this process")
  func thisProcess() throws {
    #expect(!ProcessUsage.processors().isEmpty)
    #expect(ProcessUsage.threadTime() > .zero)
    #expect(try ProcessUsage.raiseDescriptorLimit() >= 256)
    #expect(try ProcessUsage.raiseDescriptorLimit() == ProcessUsage.raiseDescriptorLimit())
  }
}
