/** The style sheet of a page: no font, image or sheet from elsewhere. */
import { colorRules } from "../figures/palette.ts";

export const STYLE = `
:root{${colorRules(0)};color-scheme:light}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${colorRules(1)};color-scheme:dark}}
:root[data-theme=dark]{${colorRules(1)};color-scheme:dark}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.2rem}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
table{overflow-wrap:normal}
.page{max-width:1080px;margin:0 auto;padding:0 20px 60px}
h1{font-size:1.7rem;line-height:1.25;margin:1.6rem 0 .3rem;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.8rem 0 .4rem;padding-top:.9rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:1.5rem 0 .3rem;overflow-wrap:anywhere}
p{margin:.4rem 0 .8rem;max-width:72ch}
a{color:var(--accent)}
.meta,.note,figcaption{color:var(--muted);font-size:.9rem}
nav{position:sticky;top:0;z-index:5;background:var(--ground);border-bottom:1px solid var(--rule)}
nav ul{display:flex;gap:2px 16px;margin:0 auto;padding:8px 20px;list-style:none;overflow-x:auto;max-width:1080px;font-size:.9rem}
nav a{white-space:nowrap;text-decoration:none;display:inline-block;padding:4px 0}
nav a:hover{text-decoration:underline}
.verdicts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(230px,100%),1fr));gap:12px;margin:1rem 0;padding:0;list-style:none}
.verdicts li{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;min-width:0}
.verdicts .objective{font-size:.78rem;letter-spacing:.04em;text-transform:uppercase;color:var(--muted)}
.verdicts strong{display:block;font-size:1.05rem;overflow-wrap:anywhere}
.verdicts .value{font-size:1.3rem;font-variant-numeric:tabular-nums}
.verdicts .remark{font-size:.86rem;color:var(--muted)}
.scroll{overflow-x:auto;margin:.6rem 0}
.scroll:focus-visible,button:focus-visible,select:focus-visible,summary:focus-visible,a:focus-visible,circle:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:separate;border-spacing:0;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;vertical-align:top}
th:first-child,td:first-child,.text td,.text th{text-align:left}
.text td{white-space:normal;overflow-wrap:anywhere;min-width:8.5em}
.text td:nth-child(3){min-width:17em}
thead th{border-bottom:2px solid var(--rule);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500;min-width:15em;max-width:26em;white-space:normal;overflow-wrap:anywhere;position:sticky;left:0;background:var(--ground)}
.aside tbody th{background:var(--panel);min-width:6em}
td.best{font-weight:700;background:var(--panel)}
tr.infeasible td,tr.infeasible th{color:var(--muted)}
figure{margin:1rem 0 1.4rem;min-width:0}
figure svg{display:block;max-width:100%;height:auto}
figure>figcaption{margin:0 0 .5rem;font-weight:600;color:var(--ink);overflow-wrap:anywhere}
.wide{display:block}.narrow{display:none}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:0 32px}
@media (max-width:640px){tbody th{min-width:9.5em}.wide{display:none}.narrow{display:block}.page{padding:0 14px 40px}h1{font-size:1.35rem}nav ul{padding:6px 14px}}
details{margin:.4rem 0}
summary{cursor:pointer;color:var(--accent);padding:3px 0;font-size:.92rem}
.bar{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:.6rem 0}
.bar label,.bar .field{display:flex;flex-direction:column;font-size:.8rem;color:var(--muted);min-width:0;max-width:100%}
select,button{font:inherit;font-size:.9rem;color:var(--ink);background:var(--panel);border:1px solid var(--muted);border-radius:6px;padding:5px 9px;max-width:100%;min-height:34px}
button{cursor:pointer}
button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--ground)}
.js{display:none}
.has-js .js{display:block}.has-js .js.bar,.has-js .js.tools{display:flex}
.has-js .nojs{display:none}
.tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--ground);font-size:.82rem;padding:6px 9px;border-radius:6px;max-width:280px;overflow-wrap:anywhere}
.tip[hidden]{display:none}
[data-point]{cursor:pointer}
.split{display:grid;grid-template-columns:minmax(0,640px) minmax(220px,1fr);gap:20px}
@media (max-width:900px){.split{grid-template-columns:minmax(0,1fr)}}
.aside{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;font-size:.9rem;align-self:start;max-height:520px;overflow:auto}
.aside h3{margin-top:0}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.84rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:10px 12px;margin:.5rem 0}
.text td.hash{white-space:nowrap;font-size:.74rem;font-family:ui-monospace,"DejaVu Sans Mono",monospace}
.tag{border:1px solid var(--muted);border-radius:99px;padding:0 8px;font-size:.76rem;color:var(--muted);white-space:nowrap}
.tools{display:flex;gap:8px;flex-wrap:wrap;margin:.8rem 0}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;z-index:10;background:var(--ground);padding:6px 10px}
canvas{display:block;touch-action:pan-x pan-y}
.canvas{overflow-x:auto;min-width:0}
@media print{
:root,:root[data-theme=dark]{${colorRules(0)};color-scheme:light}
nav,.js,.has-js .js,.has-js .js.bar,.tools,.tip,.skip{display:none!important}
.has-js .nojs{display:block}
body{font-size:10.5pt}.page{max-width:none;padding:0}
.scroll{overflow:visible}table{font-size:7.6pt}th,td{padding:2px 5px;white-space:normal}
figure,tr,.verdicts li{break-inside:avoid}h2,h3{break-after:avoid}
a{color:inherit;text-decoration:none}
.wide{display:block}.narrow{display:none}
}
`;
