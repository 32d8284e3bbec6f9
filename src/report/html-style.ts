/** The page's only style sheet: light and dark by the reader's setting, from 360 pixels up, and for paper. */
export const pageStyle = `
:root{color-scheme:light dark;
--paper:#f5f6f4;--card:#fff;--ink:#18211f;--soft:#5b6663;--line:#d9dedb;--faint:#eceeec;
--hold:#1f7a5c;--hold-soft:#d7ebe3;--fail:#bd3a22;--fail-soft:#f8e0da;--unsure:#94660a;--unsure-soft:#f5e7c8;--quiet:#a3ada9;
--critical:#8f1d2c;--critical-ink:#fff;--high:#c2441f;--high-ink:#fff;--medium:#9a6a00;--low:#2b6a86;--info:#5b6663;
--accent:#14594a;--serif:Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4",Georgia,serif;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{
--paper:#0f1516;--card:#161e1f;--ink:#e4eae7;--soft:#98a5a1;--line:#2b3737;--faint:#1d2728;
--hold:#4fb591;--hold-soft:#15352c;--fail:#ee7a5f;--fail-soft:#3c1f19;--unsure:#dba640;--unsure-soft:#352a12;--quiet:#56625f;
--critical:#ff8a94;--critical-ink:#2a060b;--high:#f08a63;--high-ink:#2a0f05;--medium:#dba640;--low:#79b8d4;--info:#98a5a1;--accent:#6fc7aa}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 var(--sans)}
main,.top,footer{max-width:1180px;margin:0 auto;padding:0 28px}
h1,h2,h3{font-family:var(--serif);font-weight:600;line-height:1.2;margin:0;overflow-wrap:anywhere}
h1,h2{text-wrap:balance}h2{font-size:25px;margin-bottom:16px}h3{font-size:17px}
h2 .soft{font-size:17px;font-weight:400}
p{margin:0 0 12px}a{color:var(--accent)}
code{font:0.87em/1.5 var(--mono);overflow-wrap:anywhere}
section{margin:0 0 52px}
.soft{color:var(--soft)}.lead{font-size:16px;max-width:70ch}.number{text-align:right;font-variant-numeric:tabular-nums}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.top{padding-top:30px;margin-bottom:30px}
.brand{display:flex;gap:16px;justify-content:space-between;color:var(--soft);font-size:13px;border-bottom:1px solid var(--line);padding-bottom:12px;margin-bottom:34px}
.brand b{color:var(--ink);letter-spacing:.02em}
.nav{display:flex;gap:18px;flex-wrap:wrap}.nav a{color:var(--soft);text-decoration:none}.nav a:hover{color:var(--ink);text-decoration:underline}
.hero{display:grid;grid-template-columns:minmax(0,1fr) 400px;gap:20px 56px;align-items:center}
.hero h1{font-size:clamp(29px,4.4vw,44px);letter-spacing:-.012em;margin-bottom:14px}
.subject{font:14px/1.4 var(--mono);color:var(--soft);margin-bottom:10px;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:4px 26px;margin:20px 0 0;padding:0;list-style:none;color:var(--soft);font-size:14px}
.facts b{color:var(--ink);font-variant-numeric:tabular-nums;font-weight:600}
.rings{width:100%;height:auto;display:block;max-width:400px;justify-self:center}
.rings .track{fill:none;stroke:var(--faint)}.rings .track-empty{stroke:var(--line);stroke-dasharray:2 5}
.arc{fill:none}.arc-hold{stroke:var(--hold)}.arc-fail{stroke:var(--fail)}.arc-middling{stroke:var(--medium)}.arc-quiet{stroke:var(--low)}.arc-unknown{stroke:var(--unsure);stroke-dasharray:3 3}.arc-waived{stroke:var(--quiet)}
.rings-figure{font:600 42px/1 var(--serif);fill:var(--ink);text-anchor:middle}
.rings-caption{font:12px/1 var(--sans);fill:var(--soft);text-anchor:middle}
.ring-list{list-style:none;margin:26px 0 0;padding:0;display:grid;grid-auto-flow:column;grid-template:repeat(5,auto)/1fr 1fr;column-gap:44px}
.ring-row{display:grid;grid-template-columns:10px minmax(0,1fr) auto 116px;gap:11px;align-items:baseline;padding:7px 0;border-top:1px solid var(--line)}
.ring-name{color:var(--ink);font-weight:550}.state-unjudged .ring-name{color:var(--soft);font-weight:400}
.ring-share{font-variant-numeric:tabular-nums;font-size:14px}.of{color:var(--soft)}
.ring-row .badge,.ring-word{justify-self:start}.ring-word{font-size:13px;color:var(--soft);white-space:nowrap}
.state-holds .ring-word{color:var(--hold)}.state-unsure .ring-word{color:var(--unsure)}
.dot{width:9px;height:9px;border-radius:50%;border:1.5px solid var(--quiet)}
.state-holds .dot{background:var(--hold);border-color:var(--hold)}.state-open .dot{background:var(--fail);border-color:var(--fail)}.alarm-middling .dot{background:var(--medium);border-color:var(--medium)}.alarm-quiet .dot{background:var(--low);border-color:var(--low)}.state-unsure .dot{background:var(--unsure);border-color:var(--unsure)}
.badge{display:inline-block;font:600 11.5px/1 var(--sans);padding:4px 8px 5px;border-radius:4px;border:1px solid currentColor;white-space:nowrap}
.sev-critical{background:var(--critical);border-color:var(--critical);color:var(--critical-ink)}.sev-high{background:var(--high);border-color:var(--high);color:var(--high-ink)}
.sev-medium{color:var(--medium)}.sev-low{color:var(--low)}.sev-info{color:var(--info)}
.bar{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:center;margin-bottom:16px}
.bar fieldset{border:0;margin:0;padding:0;display:flex;gap:6px;flex-wrap:wrap}
input[type=search],select{font:14px/1.3 var(--sans);color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:7px 10px;max-width:100%}
input[type=search]{width:230px}
.chip input,.switch input{position:absolute;opacity:0;pointer-events:none}
.chip span{display:inline-block;font:600 13px/1 var(--sans);padding:7px 11px 8px;border-radius:6px;border:1px solid currentColor;cursor:pointer}
.chip b{font-weight:500;opacity:.8;margin-left:2px}
.chip input:not(:checked)+span{background:transparent;color:var(--quiet);border-color:var(--line);text-decoration:line-through}
.chip input:focus-visible+span,.switch input:focus-visible+span{outline:2px solid var(--accent);outline-offset:2px}
.switch{background:var(--faint);border-radius:7px;padding:3px!important;gap:0!important}
.switch span{display:inline-block;font:14px/1 var(--sans);padding:6px 12px 7px;border-radius:5px;cursor:pointer;color:var(--soft)}
.switch input:checked+span{background:var(--card);color:var(--ink);box-shadow:0 0 0 1px var(--line)}
.groups{display:grid;gap:12px}
.finding{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--quiet);border-radius:8px;padding:16px 20px 14px}
.sev-edge-critical{border-left-color:var(--critical)}.sev-edge-high{border-left-color:var(--high)}.sev-edge-medium{border-left-color:var(--medium)}.sev-edge-low{border-left-color:var(--low)}
.finding header{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:baseline}
.finding h3{flex:1 1 260px}.control{font-size:13px}
.members{list-style:none;margin:0 0 8px;padding:0}
.members li{display:grid;grid-template-columns:minmax(150px,30%) minmax(0,1fr);gap:2px 16px;padding:4px 0}
.members li>*{min-width:0;overflow-wrap:anywhere}.members li>:only-child{grid-column:1/-1}.place{color:var(--soft);padding-top:1px}
details>summary{cursor:pointer;color:var(--accent);font-size:14px;margin:2px 0 6px;width:fit-content;max-width:100%;overflow-wrap:anywhere}
.way{list-style:none;margin:8px 0 10px;padding:0;display:flex;flex-wrap:wrap;gap:8px 0}
.way li{display:flex;flex-direction:column;position:relative;padding-right:34px;max-width:290px}
.way li:not(:last-child)::after{content:"→";position:absolute;right:10px;top:2px;color:var(--soft)}
.station{font:13px/1.4 var(--mono);border:1px solid var(--line);border-radius:5px;padding:3px 9px;background:var(--paper);width:fit-content;overflow-wrap:anywhere}
.way li:first-child .station{background:var(--fail-soft);border-color:transparent}
.by{font-size:12px;line-height:1.35;color:var(--soft);margin-top:3px}
.finding dl{display:grid;grid-template-columns:78px minmax(0,1fr);gap:3px 12px;margin:8px 0 0;padding-top:9px;border-top:1px solid var(--faint);font-size:14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;max-width:86ch}
.table-scroll,.map-scroll{overflow:auto;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.map-scroll{max-height:min(80vh,860px)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 14px;border-bottom:1px solid var(--faint);overflow-wrap:anywhere}
th{font-weight:550;color:var(--soft);font-size:13px}th.number{text-align:right}
tbody tr:last-child td{border-bottom:0}
.map-drawing{display:block;margin:0 auto}
.map-drawing text{font:12px/1 var(--sans);fill:var(--ink)}
.group{fill:var(--paper);stroke:var(--line)}.group-zone{stroke:var(--accent);stroke-opacity:.55}.group-host{fill:var(--fail-soft);stroke:none}.group-junction{stroke:var(--ink);stroke-opacity:.5}
.map-drawing .group-name{font-weight:600;font-size:12.5px}.map-drawing .group-name.pill{text-anchor:middle;font-weight:500}
.map-drawing .group-note,.map-drawing .node-note{fill:var(--soft);font-size:11px}
.node{cursor:pointer}.node-box{fill:var(--card);stroke:var(--line)}.node:hover .node-box{stroke:var(--ink)}
.map-drawing .node-name{font-weight:550}.exposure-published .node-box{stroke:var(--fail);stroke-opacity:.7}
.map-drawing .node-count{text-anchor:end;font-weight:650;font-variant-numeric:tabular-nums}
.count-critical,.mark-critical{fill:var(--critical)!important}.count-high,.mark-high{fill:var(--high)!important}.count-medium,.mark-medium{fill:var(--medium)!important}.count-low,.mark-low{fill:var(--low)!important}.count-info,.mark-info{fill:var(--info)!important}.mark-none{fill:var(--hold)}
.outside rect{fill:var(--fail-soft);stroke:none}.map-drawing .outside text{text-anchor:middle;font:600 14px/1 var(--serif);fill:var(--fail)}
.link{fill:none;stroke:var(--quiet);stroke-width:1.3;stroke-opacity:.75}.link-in{stroke:var(--fail);stroke-width:1.6}.link-route{stroke:var(--low);stroke-width:1.6}
.link-surplus{stroke:var(--critical);stroke-width:3;stroke-opacity:1}.link-missing{stroke:var(--unsure);stroke-width:2.4;stroke-dasharray:5 4;stroke-opacity:1}
.marking .link{stroke-opacity:.12}.marking .link.lit{stroke-opacity:1;stroke-width:2.4}.marking [data-node]:not(.near){opacity:.35}
.off{opacity:.18}.links path{pointer-events:stroke}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:13px;color:var(--soft)}
.key::before{content:"";display:inline-block;width:22px;border-top:2px solid var(--quiet);margin-right:7px;vertical-align:middle}
.key-in::before{border-color:var(--fail)}.key-route::before{border-color:var(--low)}.key-surplus::before{border-color:var(--critical);border-top-width:3px}.key-missing::before{border-color:var(--unsure);border-top-style:dashed}
.map-list{margin-top:10px}.system>summary{font:600 17px/1.3 var(--serif);color:var(--ink);padding:8px 0}
.matrix{width:auto;border-collapse:separate;border-spacing:0}.apart{margin-top:22px}.fit{width:fit-content;max-width:100%}
.matrix th,.matrix td{padding:5px 8px;white-space:nowrap;border-bottom:1px solid var(--faint)}
.matrix thead th{vertical-align:bottom;height:120px}.matrix thead span{writing-mode:vertical-rl;transform:rotate(180deg);display:inline-block;max-height:150px;overflow:hidden;text-overflow:ellipsis}
.matrix th[scope=row]{position:sticky;left:0;background:var(--card)}
.cell{text-align:center;min-width:28px;color:var(--soft)}.cell-allowed{color:var(--hold)}.cell-plain{color:var(--ink)}.cell-none{background:var(--faint)}
.cell-surplus{background:var(--critical);color:var(--critical-ink);font-weight:700}.cell-missing{background:var(--unsure-soft);color:var(--unsure);font-weight:700}.cell-unsure{color:var(--unsure)}
.differences{list-style:none;padding:0}.differences li{padding:4px 0}.differences .cell{display:inline-block;border-radius:4px;min-width:24px}
.claims{columns:2;column-gap:44px;padding:0;list-style:none;margin:0}.claims li{break-inside:avoid;padding:5px 0 5px 22px;position:relative}
.claims li::before{content:"✓";position:absolute;left:0;color:var(--hold)}
.claims .soft{font-size:13px;white-space:nowrap}
.notice{background:var(--unsure-soft);border-radius:8px;padding:12px 18px;margin-bottom:28px}.notice p:last-child{margin:0}
footer{color:var(--soft);font-size:13px;padding-top:18px;padding-bottom:40px}footer div{border-top:1px solid var(--line);padding-top:16px}
@media (max-width:860px){.hero{grid-template-columns:minmax(0,1fr)}.rings{max-width:330px}.ring-list{grid-auto-flow:row;grid-template:none}.claims{columns:1}}
@media (max-width:560px){main,.top,footer{padding-left:16px;padding-right:16px}.top{padding-top:18px}.brand{margin-bottom:24px;flex-direction:column;gap:8px}section{margin-bottom:40px}
.finding{padding:14px 14px 12px}.members li{grid-template-columns:minmax(0,1fr)}.finding dl{grid-template-columns:minmax(0,1fr);gap:0}.finding dd{margin-bottom:6px}
.ring-row{grid-template-columns:10px minmax(0,1fr) auto 112px}input[type=search]{width:100%}.search{flex:1 1 100%}th,td{padding:7px 10px}}
@media print{:root{color-scheme:light}body{background:#fff}.bar,.nav{display:none}.finding{break-inside:avoid}
.map-scroll,.table-scroll{max-height:none;overflow:visible}.map-drawing{max-width:100%;height:auto}
.badge,.dot,.station,.cell,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
