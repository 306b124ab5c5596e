// How the log view looks. Colours are the theme's; the sixteen of terminals read on light and on dark grounds.
import { BASE } from "../lib/theme";

const LIGHT = ["#24292f", "#cf222e", "#116329", "#7d4e00", "#0550ae", "#8250df", "#1b7c83", "#57606a",
  "#57606a", "#a40e26", "#1a7f37", "#633c01", "#0969da", "#a475f9", "#3192aa", "#6e7781"];
const DARK = ["#8b949e", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
  "#8b949e", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc"];

const colours = (list: string[], root: string): string =>
  list.map((colour, n) => `${root} .c${n}{color:${colour}} ${root} .b${n}{background:color-mix(in srgb,${colour} 30%,transparent)}`).join("\n");

export const STYLE = `${BASE}
.coder-nb-logs { display: flex; flex-direction: column; position: relative; height: 380px; min-height: 200px; resize: vertical; overflow: hidden; }
.coder-nb-logs .bar input[type=search] { flex: 1 1 9em; min-width: 7em; }
.coder-nb-logs .bar .few { display: inline-flex; gap: 2px; }
.coder-nb-logs .bar select { max-width: 12em; }
.coder-nb-logs .wrong { color: var(--c-bad); }
.coder-nb-logs .chart { display: block; width: 100%; height: 26px; border-bottom: 1px solid var(--c-line); background: var(--c-back); cursor: pointer; flex: none; }
.coder-nb-logs .chart .l0, .coder-nb-logs .chart .l1 { fill: var(--c-line); } .coder-nb-logs .chart .l2, .coder-nb-logs .chart .l5 { fill: var(--c-faint); opacity: .55; }
.coder-nb-logs .chart .l3 { fill: var(--c-warn); } .coder-nb-logs .chart .l4 { fill: var(--c-bad); }
.coder-nb-logs .list { flex: 1 1 auto; overflow: auto; position: relative; font: 12px/18px var(--c-code); outline-offset: -2px; }
.coder-nb-logs .row { display: flex; gap: 1ch; padding: 0 6px; box-sizing: border-box; min-height: 18px; white-space: pre; border-inline-start: 3px solid transparent; text-align: start; }
.coder-nb-logs.wrap .row { white-space: pre-wrap; overflow-wrap: anywhere; }
.coder-nb-logs .row:hover { background: var(--c-back2); }
.coder-nb-logs .row[aria-selected=true] { background: var(--c-marked); }
.coder-nb-logs .row.cursor { box-shadow: inset 0 0 0 1px var(--c-focus); }
.coder-nb-logs .row > span { flex: none; } .coder-nb-logs .row > .text { flex: 1 1 0; min-width: 0; }
.coder-nb-logs:not(.wrap) .row { width: max-content; min-width: 100%; } .coder-nb-logs:not(.wrap) .row > .text { flex: none; }
.coder-nb-logs .time, .coder-nb-logs .source { color: var(--c-faint); } .coder-nb-logs .time { width: var(--time, 8ch); }
.coder-nb-logs .source { width: 14ch; overflow: hidden; text-overflow: ellipsis; white-space: pre; } .coder-nb-logs .level { width: 5ch; color: var(--c-faint); }
.coder-nb-logs .row.l3 { border-color: var(--c-warn); } .coder-nb-logs .row.l4 { border-color: var(--c-bad); }
.coder-nb-logs .l3 .level { color: var(--c-warn); } .coder-nb-logs .l4 .level { color: var(--c-bad); }
.coder-nb-logs .row.gap { justify-content: center; color: var(--c-warn); font-style: italic; background: var(--c-back2); }
.coder-nb-logs mark { background: var(--c-mark); color: inherit; border-radius: 2px; }
.coder-nb-logs .bold { font-weight: 700; } .coder-nb-logs .dim { opacity: .7; } .coder-nb-logs .italic { font-style: italic; }
.coder-nb-logs .under { text-decoration: underline; } .coder-nb-logs .strike { text-decoration: line-through; } .coder-nb-logs .inverse { filter: invert(1); background: var(--c-back); }
.coder-nb-logs .new { position: absolute; bottom: 34px; inset-inline: 0; margin-inline: auto; width: max-content; border-radius: 12px !important; border-color: var(--c-focus) !important; box-shadow: 0 1px 4px rgb(0 0 0 / .3); }
.coder-nb-logs .new[hidden] { display: none; }
.coder-nb-logs .none { position: absolute; inset: 0; display: grid; place-content: center; color: var(--c-faint); pointer-events: none; font: inherit; }
.coder-nb-logs .none[hidden] { display: none; }
.coder-nb-logs .foot { display: flex; gap: 8px; padding: 2px 8px; border-top: 1px solid var(--c-line); color: var(--c-faint); white-space: nowrap; overflow: hidden; flex: none; }
.coder-nb-logs .foot .name { overflow: hidden; text-overflow: ellipsis; }
${colours(LIGHT, ".coder-nb-logs")}
${colours(DARK, ".coder-nb-logs.dark")}
`;
