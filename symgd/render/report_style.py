"""The style sheet of the report: the colours of Okabe and Ito, which colour-blind readers tell apart, in light and dark."""

STYLE = """
:root{--bg:#fff;--fg:#1a1a1a;--soft:#f3f4f6;--line:#c5c9d0;--link:#0b57a4;--proved:#006b4e;--refuted:#a84300;--open:#555;--stale:#8a2a66}
@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e8e8e8;--soft:#20252b;--line:#48505a;--link:#7fbfff;--proved:#3fcf9f;
--refuted:#ff9a55;--open:#b5b5b5;--stale:#e69ac6}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
nav a{margin-right:1rem}h1{line-height:1.2}
.box{overflow-x:auto;overflow-y:hidden;max-width:100%;padding:.4rem 0}
.math{background:var(--soft);padding:.6rem .8rem;border-radius:4px;overflow-wrap:normal}
math[display=block]{text-align:left;display:block math;width:max-content}
table{border-collapse:collapse;width:100%;overflow-wrap:normal}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid var(--line)}td:nth-child(2){min-width:16rem}td:nth-child(n+3){white-space:nowrap}
article{border-top:1px solid var(--line);padding:.6rem 0}article:target{box-shadow:-4px 0 0 var(--link);padding-left:.6rem}
.badge{font-weight:600;font-size:.85rem;white-space:nowrap;border:1px solid currentColor;border-radius:3px;padding:0 .35rem}
.proved{color:var(--proved)}.refuted{color:var(--refuted)}.open{color:var(--open)}.stale{color:var(--stale)}
@media(max-width:44rem){thead{position:absolute;left:-99rem}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
th,td{display:inline-block;border:0;padding:.1rem .6rem .1rem 0}tbody th,td:nth-child(2){display:block;min-width:0;overflow-wrap:anywhere}}
summary{cursor:pointer;padding:.3rem 0}.why{color:var(--open);font-size:.9rem}li{margin:.4rem 0}code{font-size:.9em}
svg text{font:13px system-ui,sans-serif;fill:var(--fg)}.node rect{fill:var(--soft);stroke:currentColor;stroke-width:1}
.node.kernel rect{stroke-width:3}.node.stale rect{stroke-dasharray:3 2}
.node.open rect{stroke-dasharray:6 3}.edge{fill:none;stroke:var(--line);stroke-width:1.3}.edge.corrects{stroke:var(--refuted);
stroke-dasharray:5 3}marker path{fill:var(--open)}
"""
