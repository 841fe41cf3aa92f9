import LocalKinesis
import Testing

/// Instants as the service's messages and the `Date` header print them.
@Suite struct UTCTextTests {
  @Test(arguments: [
    (0, "Thu Jan 01 00:00:00 UTC 1970", "Thu, 01 Jan 1970 00:00:00 GMT"),
    // RFC 9110 section 5.6.7.
    (784_111_777, "Sun Nov 06 08:49:37 UTC 1994", "Sun, 06 Nov 1994 08:49:37 GMT"),
    // mhart/kinesalite actions/getRecords.js.
    (1_421_889_722, "Thu Jan 22 01:22:02 UTC 2015", "Thu, 22 Jan 2015 01:22:02 GMT"),
    (951_827_696, "Tue Feb 29 12:34:56 UTC 2000", "Tue, 29 Feb 2000 12:34:56 GMT"),
  ])
  func instants(_ seconds: Int64, _ message: String, _ header: String) {
    #expect(UTCText.text(seconds * 1000 + 999) == message)
    #expect(UTCText.httpDate(seconds) == header)
  }
}
