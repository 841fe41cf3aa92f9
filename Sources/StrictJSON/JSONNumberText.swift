/// Writes doubles as ECMAScript does (RFC 8785 section 3.2.2.3): the shortest digits that read back as the same double.
package enum JSONNumberText {
  /// The number's text. NaN and infinities do not exist in JSON: asking for one is a bug.
  package static func text(of number: Double) -> String {
    precondition(number.isFinite, "JSON has no text for \(number)")
    if number == 0 { return "0" }
    let (digits, pointAfter) = shortestDigits(number.magnitude)
    let sign = number < 0 ? "-" : ""
    let count = digits.count
    if pointAfter >= count, pointAfter <= 21 {
      return sign + digits + String(repeating: "0", count: pointAfter - count)
    }
    if pointAfter > 0, pointAfter <= 21 {
      return sign + digits.prefix(pointAfter) + "." + digits.dropFirst(pointAfter)
    }
    if pointAfter <= 0, pointAfter > -6 {
      return sign + "0." + String(repeating: "0", count: -pointAfter) + digits
    }
    let exponent = pointAfter - 1
    let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst(1)
    return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
  }

  /// The shortest digits without leading or trailing zeros, and how many of them stand before the decimal point.
  /// The standard library's description has the same digits in another layout.
  private static func shortestDigits(_ number: Double) -> (digits: String, pointAfter: Int) {
    var digits = ""
    var pointAfter: Int?
    var exponent = 0
    let text = number.description
    for index in text.indices {
      let character = text[index]
      if character == "." {
        pointAfter = digits.count
      } else if character == "e" || character == "E" {
        exponent = Int(text[text.index(after: index)...]) ?? 0
        break
      } else {
        digits.append(character)
      }
    }
    var before = (pointAfter ?? digits.count) + exponent
    while digits.first == "0" {
      digits.removeFirst()
      before -= 1
    }
    while digits.last == "0" { digits.removeLast() }
    return (digits, before)
  }
}
