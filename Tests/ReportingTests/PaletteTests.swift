import Foundation
import Reporting
import Testing

@Suite struct PaletteTests {
  /// Relative luminance (WCAG 2.1, 1.4.3).
  private func luminance(_ colour: String) -> Double {
    let value = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [value >> 16, value >> 8 & 255, value & 255].map { part -> Double in
      let share = Double(part) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  private func contrast(_ one: String, _ other: String) -> Double {
    let (high, low) = (max(luminance(one), luminance(other)), min(luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
  }

  @Test(arguments: [
    PaletteRole.ink, .muted, .faint, .accepted, .throttled, .pass, .fail, .unsure, .middle, .tail, .fault,
  ])
  func textPassesAgainstThePage(_ role: PaletteRole) {
    #expect(contrast(role.light, PaletteRole.page.light) >= 4.5)
    #expect(contrast(role.dark, PaletteRole.page.dark) >= 4.5)
    if role != .faint {
      #expect(contrast(role.light, PaletteRole.panel.light) >= 4.5)
      #expect(contrast(role.dark, PaletteRole.panel.dark) >= 4.5)
    }
  }

  @Test func fillsStandOutFromThePage() {
    #expect(contrast(PaletteRole.throttledFill.light, PaletteRole.page.light) >= 3)
    #expect(contrast(PaletteRole.throttledFill.dark, PaletteRole.page.dark) >= 3)
  }

  @Test func heatRampsKeepTheirOrderInGrey() {
    for (one, next) in zip(PaletteRole.heat, PaletteRole.heat.dropFirst()) {
      #expect(luminance(one.light) > luminance(next.light) * 1.05)
      #expect(luminance(one.dark) * 1.05 < luminance(next.dark))
    }
  }
}
