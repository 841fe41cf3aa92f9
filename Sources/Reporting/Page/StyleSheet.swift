/// The page's style sheet: layout by hand, colours and drawing styles from their tables.
enum StyleSheet {
  /// The whole sheet.
  static let text: String = {
    let light = variables { $0.light }
    let dark = variables { $0.dark }
    return ":root{color-scheme:light dark;\(light)}\n"
      + "@media (prefers-color-scheme:dark){:root:not([data-theme=light]){\(dark)}}\n"
      + ":root[data-theme=dark]{color-scheme:dark;\(dark)}:root[data-theme=light]{color-scheme:light}\n"
      + layout + "\n"
      + DrawingStyle.allCases.map(\.rule).joined() + "\n"
      + LabelStyle.allCases.map(\.rule).joined() + "\n"
      + (0..<8).map { ".k\($0){background:var(--h\($0))}" }.joined() + "\n"
      + media
  }()

  private static func variables(_ colour: (PaletteRole) -> String) -> String {
    PaletteRole.allCases.map { "--\($0.rawValue):\(colour($0))" }.joined(separator: ";")
  }

  private static let layout = """
    *{box-sizing:border-box}
    .t{padding-left:.18em}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--bg);color:var(--ink);font:13px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums}
    main,header,footer{max-width:1208px;margin:0 auto;padding:0 28px}
    h1,h2,p,table,dl{margin:0}
    h1{font-size:21px;font-weight:600;letter-spacing:-.01em;line-height:1.25;overflow-wrap:anywhere}
    h2{font-size:14px;font-weight:600;line-height:1.3}
    a{color:inherit;text-decoration-color:var(--rule);text-underline-offset:2px}
    .mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
    .mu{color:var(--mu)}.nb{white-space:nowrap}p .mono,.meta .mono{overflow-wrap:anywhere}
    header{padding-top:26px;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:4px 24px;align-items:end}
    header .meta,header .r{color:var(--mu)}header .r{text-align:right}
    button{font:inherit;color:var(--mu);background:none;border:1px solid var(--rule);border-radius:3px;padding:1px 8px;cursor:pointer}
    button:hover,button:focus-visible{color:var(--ink);border-color:var(--ink)}
    :focus-visible{outline:2px solid var(--acc);outline-offset:2px}
    .verdict{margin-top:16px;border-top:3px solid var(--fail);border-bottom:1px solid var(--hair);padding:16px 0 18px;display:grid;grid-template-columns:minmax(0,420px) minmax(0,1fr);gap:6px 48px;align-items:start}
    .verdict .word{font-size:34px;font-weight:650;letter-spacing:-.02em;line-height:1.05;color:var(--fail)}
    .verdict.pass{border-top-color:var(--pass)}.verdict.pass .word{color:var(--pass)}
    .verdict.done{border-top-color:var(--ink)}.verdict.done .word{color:var(--ink)}
    .verdict.unsure{border-top-color:var(--unk)}.verdict.unsure .word{color:var(--unk)}
    .verdict .why{font-size:15px;line-height:1.5;margin-top:10px}
    .verdict .trust{margin-top:10px;color:var(--mu)}
    .verdict>*{min-width:0;overflow-x:auto}
    .ok{color:var(--pass)}.no{color:var(--fail)}.un{color:var(--unk)}.th{color:var(--thr)}.ft{color:var(--flt)}
    table{border-collapse:collapse;width:100%}table+table{margin-top:16px}
    th,td{padding:3px 10px 3px 0;text-align:left;font-weight:400;white-space:nowrap;vertical-align:middle;border-bottom:1px solid var(--hair)}
    thead th{color:var(--mu);font-size:12px;line-height:1.3;vertical-align:bottom;border-bottom-color:var(--rule)}
    td.n,th.n{text-align:right}td.w,th.w{white-space:normal}#t-phase :is(th,td){padding-right:7px}
    tbody tr:last-child>*{border-bottom:0}
    td.bad{color:var(--fail);font-weight:600}
    th[aria-sort]{color:var(--ink)}th.s{cursor:pointer}
    tr.all>*{border-top:1px solid var(--rule);font-weight:600}
    .thr td,.thr th{padding-top:4px;padding-bottom:4px}
    .nums{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));border-bottom:1px solid var(--rule)}
    .nums div{padding:14px 14px 14px 0}.nums div+div{padding-left:16px;border-left:1px solid var(--hair)}
    .nums b{display:block;font-size:23px;font-weight:500;letter-spacing:-.02em;line-height:1.2;white-space:nowrap}
    .nums b small{font-size:13px;font-weight:400;color:var(--mu);letter-spacing:0}
    .nums div>span{display:block;color:var(--mu);font-size:12px}
    section{display:grid;grid-template-columns:194px minmax(0,930px);gap:8px 28px;padding:22px 0 18px;border-bottom:1px solid var(--hair)}
    section>.side{min-width:0}
    section>.side p{color:var(--mu);margin-top:6px;line-height:1.45;font-size:12.5px}
    section>.side p.find{color:var(--ink)}
    .tl{border-bottom:0;padding-bottom:2px}.end{border-bottom:1px solid var(--rule)}
    .fig{min-width:0;overflow-x:auto;position:relative}
    .fig svg:not(.sp){font-family:inherit;display:block;width:100%;min-width:640px;height:auto;overflow:visible}
    .two{display:grid;grid-template-columns:minmax(0,1.5fr) minmax(0,1fr);gap:30px;align-items:start}
    .two>div{min-width:0;overflow-x:auto}
    .two svg:not(.sp){min-width:0!important}
    .heat path{shape-rendering:crispEdges}
    .key{display:inline-flex;vertical-align:-2px;gap:1px}.key i{width:18px;height:11px;display:block;print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .kt{display:grid;grid-template-columns:repeat(8,19px);font-size:10px;color:var(--mu);line-height:1.2;margin-top:2px}
    .kt span{transform:translateX(9px);text-align:center}
    .sp{vertical-align:middle;display:inline-block}
    .few{color:var(--fa);font-style:italic}
    details{margin-top:10px;color:var(--mu)}summary{cursor:pointer}details table{margin-top:6px}
    dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:3px 14px}dt{color:var(--mu)}dd{margin:0;overflow-wrap:anywhere}
    .prov{columns:2;column-gap:44px}.prov dl{break-inside:avoid}
    #ro{position:fixed;left:0;top:0;z-index:2;pointer-events:none;background:var(--bg);border:1px solid var(--rule);padding:4px 8px;font-size:11.5px;line-height:1.45;display:none;white-space:pre}
    .cur{stroke:var(--ink);fill:none;opacity:.5;pointer-events:none}
    footer{padding-top:14px;padding-bottom:40px;color:var(--mu);font-size:12px}
    svg .axb{font-weight:650}svg .an{font-style:italic}
    """

  private static let media = """
    @media screen and (max-width:1180px){#t-phase,#t-phase thead th{font-size:12px}#t-phase :is(th,td){padding-right:4px}.verdict{grid-template-columns:minmax(0,1fr)}.nums{grid-template-columns:repeat(3,minmax(0,1fr))}.nums div:nth-child(4){border-left:0;padding-left:0}.tw,.two>div{overflow-x:auto}}
    @media screen and (max-width:900px){section,.verdict,.two{grid-template-columns:minmax(0,1fr)}.nums{grid-template-columns:repeat(2,minmax(0,1fr))}.nums div+div{border-left:0;padding-left:0}main,header,footer{padding:0 14px}.prov{columns:1}header{grid-template-columns:minmax(0,1fr);padding-top:14px}header .r{text-align:left;overflow-wrap:anywhere}.thr th:nth-child(5),.thr td:nth-child(5){display:none}.thr th,.thr td{padding-right:6px}.thr th{white-space:normal}.nums b{white-space:normal}}
    @media (forced-colors:active){.key i,svg *{forced-color-adjust:none}}
    @media print{@page{size:A4 landscape;margin:11mm}:root,:root[data-theme],:root:not([data-theme=light]){color-scheme:light;PRINT;--bg:#fff;--ink:#000;--panel:#f4f4f1}body{font-size:10px}main,header,footer{max-width:none;padding:0}section{break-inside:avoid;grid-template-columns:150px minmax(0,1fr);padding:10px 0}.tl{padding:4px 0}button,#ro,details{display:none!important}svg *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """.replacing("PRINT", with: variables { $0.light })
}
