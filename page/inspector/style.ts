/** Text on its background is at least 4.5 : 1 in both themes. */
export const style = `
:host {
  --ground: #f5f6f9; --panel: #fff; --sunken: #eef0f5; --ink: #1c2331; --muted: #566073;
  --line: #dce1ea; --edge: #8a94a8; --accent: #3f57c9; --ok: #17764a; --busy: #8a5a00;
  --bad: #b3261e; --off: #737d90;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ground: #11151c; --panel: #191f29; --sunken: #131820; --ink: #e5e9f1; --muted: #9da8ba;
    --line: #2b3442; --edge: #6c788d; --accent: #9db0ff; --ok: #62d09a; --busy: #ecbc5f;
    --bad: #ff9289; --off: #6c788d;
  }
}
:host(:not([open])) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
.panel {
  position: fixed; inset: auto 0 0; z-index: 2147483647; display: grid; height: min(70vh, 46rem);
  grid-template-rows: auto minmax(0, 1fr); border-top: 1px solid var(--edge);
  background: var(--ground); color: var(--ink); font: 0.875rem/1.45 system-ui, sans-serif;
  text-align: start; box-shadow: 0 -0.5rem 2rem #0003;
}
h2, h3, p, dl, dd { margin: 0; }
h2 { font-size: 1rem; }
h3 { font-size: 0.9375rem; }
.header {
  display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem;
  padding: 0.5rem clamp(0.625rem, 2vw, 1rem); border-bottom: 1px solid var(--line);
  background: var(--panel);
}
.summary { flex: 1; min-width: 8rem; color: var(--muted); }
.body {
  display: grid; align-content: start; gap: 0.75rem; overflow: auto;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  padding: 0.75rem clamp(0.625rem, 2vw, 1rem) 1rem;
}
.column { display: grid; align-content: start; gap: 0.75rem; min-width: 0; }
.wide { grid-column: 1 / -1; }
section {
  display: grid; align-content: start; gap: 0.5rem; min-width: 0; padding: 0.75rem;
  border: 1px solid var(--line); border-radius: 0.625rem; background: var(--panel);
}
.notice { color: var(--bad); }
.notice:empty, .muted:empty { display: none; }
.muted { color: var(--muted); }
button, input, select {
  min-height: 2rem; max-width: 100%; border: 1px solid var(--edge); border-radius: 0.375rem;
  padding: 0.125rem 0.625rem; background: var(--panel); color: inherit; font: inherit;
}
button { cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
label { display: inline-flex; align-items: center; gap: 0.375rem; }
input[type="checkbox"] { min-height: 1rem; }
input[type="search"] { width: 16rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.stream + .stream { border-top: 1px solid var(--line); padding-top: 0.625rem; }
.stream { display: grid; gap: 0.375rem; }
.name { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; overflow-wrap: anywhere; }
.badge { border-radius: 1rem; padding: 0 0.625rem; border: 1px solid; font-weight: 650; color: var(--off); }
[data-state="open"] { color: var(--ok); }
[data-state="connecting"], [data-state="waiting"], [data-state="polling"] { color: var(--busy); }
[data-state="needs-auth"], [data-state="offline"], [data-state="closed"] { color: var(--bad); }
dl { display: grid; grid-template-columns: minmax(7rem, auto) minmax(0, 1fr); gap: 0.125rem 0.75rem; }
dt { color: var(--muted); }
dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.scroll { max-height: 22rem; overflow: auto; border: 1px solid var(--line); border-radius: 0.375rem; }
table { width: 100%; border-collapse: collapse; }
th { position: sticky; top: 0; background: var(--sunken); color: var(--muted); text-align: start; font-weight: 600; white-space: nowrap; }
th, td { padding: 0.25rem 0.5rem; vertical-align: top; }
td { border-top: 1px solid var(--line); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.tabs th { white-space: normal; }
.tabs td:not(:nth-child(4)) { white-space: nowrap; }
.tabs td:nth-child(4) { min-width: 9rem; }
.events td { font-family: var(--mono); font-size: 0.8125rem; }
.events td:first-child { white-space: nowrap; }
.events td:last-child { min-width: 12rem; width: 45%; }
summary { cursor: pointer; }
pre { margin: 0.375rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--muted); font: 11px system-ui, sans-serif; }
.curve path { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.curve .area { fill: var(--accent); opacity: 0.14; stroke: none; }
.curves { display: grid; gap: 0.75rem; }
.figure { font-size: 1.25rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.span { fill: var(--off); }
.span[data-state="open"] { fill: var(--ok); }
.span[data-state="connecting"], .span[data-state="waiting"], .span[data-state="polling"] { fill: var(--busy); }
.span[data-state="needs-auth"], .span[data-state="offline"], .span[data-state="closed"] { fill: var(--bad); }
.span[data-state="visible"] { fill: var(--accent); opacity: 0.55; }
.span[data-state="hidden"] { fill: var(--off); opacity: 0.35; }
.mark { cursor: default; color: var(--accent); }
.mark path { fill: currentColor; stroke: var(--panel); stroke-width: 1.5; }
.mark:focus-visible { outline: none; }
.mark:is(:focus, :hover) path { stroke: var(--ink); stroke-width: 2; }
.mark[data-kind="fault"], .mark[data-kind="gap"] { color: var(--bad); }
.mark[data-kind="watchdog"], .mark[data-kind="retry"], .mark[data-kind="poll"] { color: var(--busy); }
.mark[data-kind="promotion"] { color: var(--ok); }
.legend { display: flex; flex-wrap: wrap; gap: 0.125rem 0.875rem; color: var(--muted); font-size: 0.8125rem; }
.legend span { display: inline-flex; align-items: center; gap: 0.25rem; }
.legend svg { width: 14px; height: 14px; flex: none; }
.detail { min-height: 1.45em; }
@media (max-width: 40rem) {
  .panel { height: 85vh; }
  .events thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .events table, .events tbody { display: block; }
  .events tr { display: grid; grid-template-columns: 1fr auto auto; border-top: 1px solid var(--line); padding: 0.25rem 0; }
  .events td { border: 0; padding: 0.0625rem 0.5rem; }
  .events td:nth-child(3), .events td:last-child { grid-column: 1 / -1; width: auto; min-width: 0; }
  .events td:nth-child(5) { display: none; }
}
`;
