"""The style sheet of the report: the colours of Okabe and Ito, which colour-blind readers tell apart, in light and dark."""

STYLE = """
:root{--bg:#fff;--fg:#1a1a1a;--soft:#f3f4f6;--line:#c5c9d0;--edge:#8b929c;--link:#0b57a4;--proved:#006b4e;--refuted:#a84300;--open:#555;
--stale:#8a2a66}
@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e8e8e8;--soft:#20252b;--line:#48505a;--edge:#727b87;--link:#7fbfff;--proved:#3fcf9f;
--refuted:#ff9a55;--open:#b5b5b5;--stale:#e69ac6}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.55 system-ui,sans-serif;
overflow-wrap:anywhere}
a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
nav>a{margin-right:1rem}h1{line-height:1.2}h2{margin-top:2.5rem}
.groups{display:flex;flex-wrap:wrap;gap:.3rem .9rem;list-style:none;padding:0;margin:.6rem 0}
.group{font-size:1.3rem;margin:2.8rem 0 .6rem;border-bottom:3px solid var(--line);padding-bottom:.2rem}
h3 small,h4 small,th small{font-weight:400;font-size:.85rem}
.box{overflow-x:auto;overflow-y:hidden;max-width:100%;padding:.25rem 0}
.math{background:var(--soft);padding:.6rem .8rem;border-radius:4px;overflow-wrap:normal}
math{font-size:1.08em}math[display=block]{text-align:left;display:block math;width:max-content}
sub,sup{line-height:0;font-size:.75em}p,li,figcaption,.math{max-width:62rem}
table{border-collapse:collapse;width:100%;overflow-wrap:normal}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid var(--line)}td:nth-child(2){min-width:16rem}td:nth-child(n+3){white-space:nowrap}
tr.head th{background:var(--soft);padding-top:.5rem;border-bottom-width:2px}tbody th{font-weight:400}
article{border-top:1px solid var(--line);padding:.4rem 0 .8rem}article:target{box-shadow:-4px 0 0 var(--link);padding-left:.6rem}
h4{font-size:1.05rem;margin:.7rem 0 .2rem}.title{margin:.3rem 0 .6rem}.how{font-size:.9rem;margin:.4rem 0}
.badge{font-weight:600;font-size:.85rem;white-space:nowrap;border:1px solid currentColor;border-radius:3px;padding:0 .35rem}
.proved{color:var(--proved)}.refuted{color:var(--refuted)}.open{color:var(--open)}.stale{color:var(--stale)}
figure{margin:1rem 0}figure img{max-width:100%;height:auto;background:#fff;border-radius:4px;padding:.3rem}figcaption{font-size:.92rem}
@media(max-width:44rem){thead{position:absolute;left:-99rem}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
th,td{display:inline-block;border:0;padding:.1rem .6rem .1rem 0}tbody th,td:nth-child(2){display:block;min-width:0;overflow-wrap:anywhere}
tr.head{padding:0}tr.head th{padding:.4rem .6rem}ol{padding-left:1.6rem}p,.why{overflow-x:auto;overflow-y:hidden}}
summary{cursor:pointer;padding:.3rem 0}.why{color:var(--open);font-size:.92rem}li{margin:.5rem 0}li p{margin:0}code{font-size:.9em}
svg text{font:13px ui-monospace,monospace;fill:var(--fg)}.node rect{fill:var(--bg);stroke:currentColor;stroke-width:1.2}
.node.kernel rect{stroke-width:2.6;fill:var(--soft)}.node.interval rect{fill:var(--soft)}.node.stale rect{stroke-dasharray:3 2}
.node.open rect{stroke-dasharray:6 3}.node.elsewhere text{fill:var(--open)}.edge{fill:none;stroke:var(--edge);stroke-width:1.1}
.edge.corrects{stroke:var(--refuted);stroke-dasharray:5 3}.tip{fill:var(--edge)}
@media print{.skip,nav,.how{display:none}}
"""
