import Reporting
import Testing
import Transport

/// The table of advice against the codes that the driver writes.
@Suite struct FailureAdviceTests {
  @Test(arguments: TransportFailure.allCases)
  func everyTransportFailureHasAdvice(_ failure: TransportFailure) {
    #expect(FailureAdvice.text(failure.code, endpoint: "http://127.0.0.1:1") != nil, "\(failure.code)")
  }

  @Test(arguments: ["no-connection", "unfinished", "malformed-answer", "record-count-mismatch", "http-503"])
  func theDriversOwnWordsHaveAdvice(_ code: String) { #expect(FailureAdvice.text(code, endpoint: "") != nil) }

  @Test func thePlaceIsNamed() {
    #expect(
      FailureAdvice.text("connect-refused", endpoint: "http://h:1")?.hasPrefix("nobody listens at http://h:1:") == true)
    #expect(FailureAdvice.text("connect-refused", endpoint: "")?.hasPrefix("nobody listens at the address:") == true)
    #expect(FailureAdvice.text("no-such-code", endpoint: "") == nil)
  }
}
