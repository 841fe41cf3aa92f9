import Measurement
import Observations

/// The page's only script. It adds a cursor, sorting, copying and a theme switch; without it nothing is missing.
package enum PageScript {
  /// The script, letter for letter as it stands in the page.
  package static let text = #"""
    (function(){'use strict';var R=document.documentElement,D=JSON.parse(document.getElementById('series').textContent),ro=document.getElementById('ro'),NS='http://www.w3.org/2000/svg',all=function(s){return[].slice.call(document.querySelectorAll(s))};
    R.className+=' on';
    function button(text,parent,go){var b=document.createElement('button');b.type='button';b.textContent=text;parent.appendChild(document.createTextNode(' '));parent.appendChild(b);b.onclick=function(){go(b)};return b}
    var cs=all('.tchart'),ls=cs.map(function(s){var l=document.createElementNS(NS,'path');l.setAttribute('class','cur');l.style.display='none';s.appendChild(l);return l});
    function hide(){ro.style.display='none';ls.forEach(function(l){l.style.display='none'})}
    cs.forEach(function(s){
    s.addEventListener('pointermove',function(e){
    var b=s.getBoundingClientRect(),v=s.viewBox.baseVal,x=(e.clientX-b.left)*v.width/b.width,y=(e.clientY-b.top)*v.height/b.height,n=D.columns,t=Math.floor((x-D.x0)/(D.x1-D.x0)*n);
    if(t<0||t>=n||!(x>=D.x0)){hide();return}
    var cx=D.x0+(t+.5)*(D.x1-D.x0)/n;
    ls.forEach(function(l,i){var c=cs[i];l.setAttribute('d','M'+cx+' '+c.dataset.top+'V'+c.dataset.bottom);l.style.display=''});
    var from=D.start+t*D.seconds,m='t = '+from+(D.seconds>1?' to '+(from+D.seconds):'')+' s'+(from<0?' (warm-up)':'');
    D.series.forEach(function(f){var z=f.values[t];m+='\n'+f.name+'            '.slice(f.name.length)+(z===null?'none':z+' '+f.unit)});
    if(s.dataset.row){var r=Math.floor((y-s.dataset.top)/s.dataset.row),h=D.heat[r];if(h){m='shard '+r+': '+D.classes[h.charAt(t)]+'\n'+m}}
    ro.textContent=m;ro.style.display='block';
    ro.style.left=Math.max(4,Math.min(e.clientX+14,innerWidth-ro.offsetWidth-8))+'px';
    ro.style.top=Math.max(4,Math.min(e.clientY+14,innerHeight-ro.offsetHeight-8))+'px'});
    s.addEventListener('pointerleave',hide)});
    function value(r,i){return parseFloat(r.cells[i].textContent.replace(/[^0-9.\-]/g,''))||0}
    all('table.sort').forEach(function(t){[].forEach.call(t.tHead.rows[0].cells,function(h,i){
    if(!h.hasAttribute('data-k'))return;h.className+=' s';h.tabIndex=0;
    function go(){var b=t.tBodies[0],d=h.getAttribute('aria-sort')==='descending'?1:-1;
    [].forEach.call(t.tHead.rows[0].cells,function(x){x.removeAttribute('aria-sort')});
    h.setAttribute('aria-sort',d<0?'descending':'ascending');
    [].slice.call(b.rows).sort(function(p,q){return d*(value(p,i)-value(q,i))}).forEach(function(r){b.appendChild(r)})}
    h.onclick=go;h.onkeydown=function(e){if(e.key==='Enter'||e.key===' '){e.preventDefault();go()}}})});
    all('[data-copy]').forEach(function(p){button('copy as TSV',p,function(b){
    var t=document.getElementById(p.getAttribute('data-copy')),s=[].map.call(t.rows,function(r){return[].map.call(r.cells,function(c){return c.textContent.replace(/[\t\n\u202f\u00a0]/g,' ').trim()}).join('\t')}).join('\n');
    function done(){b.textContent='copied'}
    (navigator.clipboard?navigator.clipboard.writeText(s):Promise.reject()).then(done,function(){var a=document.createElement('textarea');a.value=s;document.body.appendChild(a);a.select();document.execCommand('copy');a.remove();done()})})});
    button('light / dark',document.getElementById('when'),function(){var d=R.dataset.theme||(matchMedia('(prefers-color-scheme:dark)').matches?'dark':'light');R.dataset.theme=d==='dark'?'light':'dark'});
    })();
    """#

  /// SHA-256 of `text` in base64, for the page's own policy: nothing else may run. A test computes it anew.
  package static let digest = "6/4Ak5c2a/ZAtaaswu8/Rai+cp0j6vCeMWSNsqtbCk4="
}

/// What the script's cursor reads out; everything in it is also in the drawings and files.
struct CursorData {
  /// JSON without any foreign text: numbers, and names of ours.
  let json: String

  /// Of a page without charts over time.
  static let none = CursorData(
    json: #"{"x0":0,"x1":0,"start":0,"seconds":1,"columns":0,"series":[],"classes":[],"heat":[]}"#)

  private init(json: String) { self.json = json }

  /// Rates and percentiles of every column, and the heat map's classes where its rows are tall enough to point at.
  init(_ time: Timeline, _ shards: ShardFacts) {
    let frame = time.frame
    var text = "{\"x0\":\(Int(TimeFrame.left)),\"x1\":\(Int(TimeFrame.right)),\"start\":\(frame.firstSecond)"
    text += ",\"seconds\":\(frame.columnSeconds),\"columns\":\(frame.count),\"series\":["
    let rates: [(String, KeyPath<TimeColumn, Int>)] = [
      ("planned", \.planned), ("attempted", \.traffic.attempted), ("accepted", \.traffic.accepted),
      ("throttled", \.traffic.throttled), ("failed", \.traffic.failed), ("lost", \.delivery.lost),
    ]
    var series: [String] = []
    for (name, path) in rates {
      let values = time.columns.indices.map { index -> String in
        let rate = Quotient.divide(time.columns[index][keyPath: path], by: frame.covered(index))
        return rate.map { NumberFormat.fixed($0, 0) } ?? "null"
      }
      series.append(CursorData.one(name, "rec/s", values))
    }
    for (name, path) in [("p50", \TimeColumn.p50), ("p99", \TimeColumn.p99)] {
      series.append(
        CursorData.one(name, "ms", time.columns.map { $0[keyPath: path].map(NumberFormat.significant) ?? "null" }))
    }
    text += series.joined(separator: ",") + "],\"classes\":["
    text += HeatSection.classNames.map { "\"\($0)\"" }.joined(separator: ",") + "],\"heat\":["
    if shards.count > 1, shards.count <= HeatSection.mostFullRows, shards.heat.frame == frame {
      // Without traffic counts as not throttled here: the readout's own numbers say that nothing was tried.
      text += shards.rows.indices.map { row in
        "\"" + shards.heat.classes(row: row).map { String($0 == HeatMatrix.empty ? 0 : $0) }.joined() + "\""
      }.joined(separator: ",")
    }
    json = text + "]}"
  }

  private static func one(_ name: String, _ unit: String, _ values: [String]) -> String {
    "{\"name\":\"\(name)\",\"unit\":\"\(unit)\",\"values\":[\(values.joined(separator: ","))]}"
  }
}
