import COpenSSL

/// Why encryption cannot be set up, in OpenSSL's own words.
package struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, for example `reading the certificate cert.pem`.
  package let action: String
  /// OpenSSL's reason; empty when it names none.
  package let reason: String

  /// A failure of this action, with the reason of OpenSSL's last error, whose queue is emptied.
  init(_ action: String) {
    self.action = action
    reason = TLSFailure.takeReason() ?? ""
  }

  /// For example `reading the certificate cert.pem: No such file or directory`.
  package var description: String { reason.isEmpty ? "\(action) failed" : "\(action): \(reason)" }

  /// The reason of the first error in this thread's queue, which is emptied.
  static func takeReason() -> String? {
    let code = ERR_get_error()
    ERR_clear_error()
    if code == 0 { return nil }
    if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    // `error:80000002:system library::No such file or directory`: the last part is for people.
    let whole = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return whole.split(separator: ":").last.map(String.init) ?? whole
  }
}
