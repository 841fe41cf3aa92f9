import Measurement
import Testing
import Transport

@Suite("Use of the machine")
struct ProcessUsageTests {
  @Test("is read from the kernel's table")
  func procStat() throws {
    let text = "cpu  100 20 30 400 50 6 7 80 9 1\ncpu0 1 2 3 4 5 6 7 8 9 1\n"
    #expect(ProcessorTicks(procStat: text) == ProcessorTicks(total: 693, stolen: 80))
    #expect(ProcessorTicks(procStat: "cpu 1 2 3 4 5 6 7 8") == ProcessorTicks(total: 36, stolen: 8))
  }

  @Test(
    "is unknown when the table is another",
    arguments: [
      "", "\n", "cpu\n", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6 7\n", "cpu 1 2 3 4 5 6 7 x\n",
      "cpu -1 2 3 4 5 6 7 8\n",
      "cpu 18446744073709551615 1 1 1 1 1 1 1\n",
    ])
  func foreignTable(_ text: String) {
    #expect(ProcessorTicks(procStat: text) == nil)
  }

  @Test("is a share of the time that passed")
  func shares() {
    let earlier = ProcessorTicks(total: 1000, stolen: 100)
    #expect(ProcessorTicks(total: 1200, stolen: 150).stolenShare(since: earlier) == 0.25)
    #expect(ProcessorTicks(total: 1200, stolen: 100).stolenShare(since: earlier) == 0)
    #expect(ProcessorTicks(total: 1000, stolen: 100).stolenShare(since: earlier) == 0)
    #expect(ProcessorTicks(total: 1200, stolen: 90).stolenShare(since: earlier) == 0)
    #expect(ProcessorTicks(total: 1100, stolen: 300).stolenShare(since: earlier) == 1)
  }

  @Test("is known of this process")
  func thisProcess() throws {
    #expect(try #require(ProcessorTicks.now()).total > 0)
    #expect(ProcessUsage.peakResidentBytes() > 1 << 20)
    #expect(!ProcessUsage.processors().isEmpty)
    let (thread, process) = (ProcessUsage.threadTime(), ProcessUsage.processTime())
    #expect(thread > .zero && process >= thread)
    #expect(try ProcessUsage.raiseDescriptorLimit() >= 256)
    #expect(try ProcessUsage.raiseDescriptorLimit() == ProcessUsage.raiseDescriptorLimit())
  }
}
