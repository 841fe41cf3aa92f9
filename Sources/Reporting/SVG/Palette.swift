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
    case .fail: ("#b3370a", "#ff8a4c")
    case .unsure: ("#7a5c00", "#d9b54a")
    case .middle: ("#0067a8", "#6bb5e8")
    case .tail: ("#7a3b94", "#cf9be6")
    case .fault: ("#7a3b94", "#cf9be6")
    case .warmUp: ("#f1eee6", "#1e1e1b")
    case .keyDot: ("#f6d9c6", "#4a2a18")
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
