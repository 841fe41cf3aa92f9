/// The colours of the page by role, each once for light and once for dark.
///
/// The roles come from Okabe and Ito (2002), darkened until text passes 4.5 : 1; both heat ramps change in luminance at
/// every step, so a grey print keeps their order. `ReportingTests` computes the contrasts.
package enum PaletteRole: String, CaseIterable, Sendable {
  case page = "bg"
  case panel
  case ink
  case muted = "mu"
  case faint = "fa"
  case hairline = "hair"
  case rule
  case accepted = "acc"
  case acceptedArea = "accf"
  case acceptedBar = "acc2"
  case throttled = "thr"
  case throttledFill = "thrf"
  case pass
  case fail
  case unsure = "unk"
  case middle = "p50"
  case tail = "p99"
  case fault = "flt"
  case warmUp = "warm"
  case keyDot = "key"
  case bandOuter = "d1"
  case bandMiddle = "d2"
  case bandInner = "d3"
  case heat0 = "h0"
  case heat1 = "h1"
  case heat2 = "h2"
  case heat3 = "h3"
  case heat4 = "h4"
  case heat5 = "h5"
  case heat6 = "h6"
  case heat7 = "h7"

  /// The eight classes of the throttling heat map, from none to more than half.
  package static let heat: [PaletteRole] = [.heat0, .heat1, .heat2, .heat3, .heat4, .heat5, .heat6, .heat7]

  /// `#rrggbb` on a light page; also the presentation attribute where style sheets are dropped.
  package var light: String { colours.0 }
  /// `#rrggbb` on a dark page.
  package var dark: String { colours.1 }

  private var colours: (String, String) {
    switch self {
    case .page: ("#fffefb", "#151513")
    case .panel: ("#f7f5f0", "#1d1d1a")
    case .ink: ("#1b1b19", "#e9e6dc")
    case .muted: ("#66645c", "#a19d91")
    case .faint: ("#77746a", "#8a867a")
    case .hairline: ("#e6e3da", "#2b2a26")
    case .rule: ("#c9c5b9", "#46443d")
    case .accepted: ("#0067a8", "#6bb5e8")
    case .acceptedArea: ("#bcd7ea", "#1f3d52")
    case .acceptedBar: ("#6ba6cf", "#34709a")
    case .throttled: ("#b93c0a", "#ff8a4c")
    case .throttledFill: ("#d24e14", "#e87a3f")
    case .pass: ("#00694f", "#4cc9a0")
    case .fail: ("#a8122a", "#ff7b86")
    case .unsure: ("#7a5c00", "#d9b54a")
    case .middle: ("#0067a8", "#6bb5e8")
    case .tail: ("#0067a8", "#6bb5e8")
    case .fault: ("#7a3b94", "#cf9be6")
    case .warmUp: ("#f1eee6", "#1e1e1b")
    case .keyDot: ("#dedbd1", "#3a3934")
    case .bandOuter: ("#eef0f1", "#1c2022")
    case .bandMiddle: ("#e3e6e6", "#222829")
    case .bandInner: ("#cbd5da", "#2a363c")
    case .heat0: ("#f1efe8", "#20201c")
    case .heat1: ("#fbe3c0", "#3a2616")
    case .heat2: ("#f8cd93", "#573213")
    case .heat3: ("#f3ae63", "#7c4410")
    case .heat4: ("#e98a3a", "#a75913")
    case .heat5: ("#d0651f", "#d37523")
    case .heat6: ("#a84612", "#f09c52")
    case .heat7: ("#6f2a08", "#ffd3a3")
    }
  }
}

/// How a part of a drawing looks: one table makes both the style sheet's rule and the presentation attributes, which
/// keep charts legible where a server's policy drops style sheets (Jenkins' default).
package enum DrawingStyle: String, CaseIterable, Sendable {
  case grid = "gr"
  case axis = "bl"
  case warmUp = "warm"
  case warmUpVeil = "veil"
  case acceptedArea = "f-acc"
  case acceptedBar = "f-acc2"
  case throttledArea = "f-thr"
  case faultArea = "f-flt"
  case mutedArea = "f-mu"
  case keyDot = "f-key"
  case acceptedLine = "l-acc"
  case planLine = "l-int"
  case limitLine = "l-lim"
  case middleLine = "l-p50"
  case tailLine = "l-p99"
  case maximumTicks = "l-max"
  case mutedLine = "l-mu"
  case deliveryLine = "l-dlv"
  case middleDotted = "l-p50d"
  case deliveryDotted = "l-dlvd"
  case throttledLine = "l-thr"
  case faultLine = "l-flt"
  case failedBar = "f-bad"
  case unsentTicks = "l-bad"
  case cappedBar = "l-cap"
  case hatch = "hat"
  case retryHatch = "rty"
  case limitTick = "limt"
  case stem
  case throttleTicks = "mk"
  case worstTicks = "mw"
  case dot = "hk"
  case ring = "rng"
  case bandOuter = "d1"
  case bandMiddle = "d2"
  case bandInner = "d3"
  case heat0 = "h0"
  case heat1 = "h1"
  case heat2 = "h2"
  case heat3 = "h3"
  case heat4 = "h4"
  case heat5 = "h5"
  case heat6 = "h6"
  case heat7 = "h7"

  /// The eight classes of the throttling heat map.
  static let heat: [DrawingStyle] = [.heat0, .heat1, .heat2, .heat3, .heat4, .heat5, .heat6, .heat7]

  private var look: (fill: PaletteRole?, stroke: PaletteRole?, extra: [(String, String)]) {
    switch self {
    case .grid: (nil, .hairline, [])
    case .axis: (nil, .rule, [])
    case .warmUp: (.warmUp, nil, [])
    case .warmUpVeil: (.page, nil, [("fill-opacity", ".55")])
    case .acceptedArea: (.acceptedArea, nil, [])
    case .acceptedBar: (.acceptedBar, nil, [])
    case .throttledArea: (.throttledFill, nil, [])
    case .faultArea: (.fault, nil, [])
    case .mutedArea: (.bandMiddle, nil, [])
    case .keyDot: (.keyDot, .ink, [("stroke-width", ".8")])
    case .acceptedLine: (nil, .accepted, [("stroke-width", "1.2")])
    case .planLine: (nil, .ink, [("stroke-dasharray", "1.5 2.5")])
    case .limitLine: (nil, .ink, [("stroke-dasharray", "6 3"), ("stroke-opacity", ".75")])
    case .middleLine: (nil, .middle, [("stroke-width", "1.6")])
    case .tailLine: (nil, .tail, [("stroke-width", "1.4"), ("stroke-dasharray", "5 2.5")])
    case .maximumTicks: (nil, .faint, [])
    case .mutedLine: (nil, .muted, [])
    case .deliveryLine: (nil, .ink, [("stroke-width", "1.6")])
    case .middleDotted: (nil, .middle, [("stroke-width", "1.4"), ("stroke-dasharray", "2 3")])
    case .deliveryDotted: (nil, .ink, [("stroke-width", "1.4"), ("stroke-dasharray", "2 3")])
    case .throttledLine: (nil, .throttled, [("stroke-width", "1.6")])
    case .faultLine: (nil, .fault, [("stroke-width", "1.6")])
    case .failedBar: (.fail, nil, [])
    case .unsentTicks: (nil, .fail, [("stroke-width", "2")])
    case .cappedBar: (nil, .ink, [("stroke-width", "3")])
    case .hatch: (nil, .faint, [("stroke-width", ".8"), ("stroke-opacity", ".6")])
    case .retryHatch: (nil, .muted, [("stroke-width", ".9")])
    case .limitTick: (nil, .ink, [])
    case .stem: (nil, .rule, [])
    case .throttleTicks: (nil, .throttledFill, [])
    case .worstTicks: (nil, .ink, [("stroke-width", "1.2")])
    case .dot: (.ink, nil, [])
    case .ring: (nil, .ink, [("stroke-width", "1.4")])
    case .bandOuter: (.bandOuter, nil, [])
    case .bandMiddle: (.bandMiddle, nil, [])
    case .bandInner: (.bandInner, nil, [])
    case .heat0: (.heat0, nil, [])
    case .heat1: (.heat1, nil, [])
    case .heat2: (.heat2, nil, [])
    case .heat3: (.heat3, nil, [])
    case .heat4: (.heat4, nil, [])
    case .heat5: (.heat5, nil, [])
    case .heat6: (.heat6, nil, [])
    case .heat7: (.heat7, nil, [])
    }
  }

  /// The attributes of an element in this style, with a space before each.
  var attributes: String {
    let (fill, stroke, extra) = look
    var text = " class=\"\(rawValue)\" fill=\"\(fill?.light ?? "none")\""
    if let stroke { text += " stroke=\"\(stroke.light)\"" }
    for (name, value) in extra { text += " \(name)=\"\(value)\"" }
    return text
  }

  /// The rule of the style sheet; colours are variables, so one drawing serves light and dark.
  var rule: String {
    let (fill, stroke, _) = look
    var text = ".\(rawValue){fill:" + (fill.map { "var(--\($0.rawValue))" } ?? "none")
    if let stroke { text += ";stroke:var(--\(stroke.rawValue))" }
    return text + "}"
  }
}

/// How a text in a drawing looks.
package enum LabelStyle: String, CaseIterable, Sendable {
  case label = "lb"
  case mutedLabel = "lm"
  case axis = "ax"
  case axisStrong = "axb"
  case accepted = "c-acc"
  case throttled = "c-thr"
  case fault = "c-flt"
  case tail = "c-p99"
  case note = "an"

  private var role: PaletteRole {
    switch self {
    case .label, .axisStrong: .ink
    case .mutedLabel, .axis, .note: .muted
    case .accepted: .accepted
    case .throttled: .throttled
    case .fault: .fault
    case .tail: .tail
    }
  }

  /// Height of the type in units of the drawing.
  package var size: Double { self == .axis || self == .axisStrong ? 10.5 : 11 }

  /// The attributes of a text in this style, with a space before each.
  var attributes: String {
    var text = " class=\"\(rawValue)\" fill=\"\(role.light)\""
    if size != 11 { text += " font-size=\"10.5\"" }
    if self == .axisStrong { text += " font-weight=\"650\"" }
    if self == .note { text += " font-style=\"italic\"" }
    return text
  }

  /// The rule of the style sheet.
  var rule: String { "svg .\(rawValue){fill:var(--\(role.rawValue))}" }
}
