// How a live table looks. Colours are the theme's.
import { BASE } from "../lib/theme";

export const STYLE = `${BASE}
.coder-nb-table { position: relative; }
.coder-nb-table .bar input { flex: 0 1 16em; min-width: 7em; }
.coder-nb-table .scroll { overflow: auto; max-height: 460px; }
.coder-nb .coder-nb-grid, .coder-nb-table table { border-collapse: collapse; width: 100%; margin: 0; font-size: inherit; background: none; table-layout: auto; }
.coder-nb-table th, .coder-nb-table td { text-align: start; padding: 3px 6px; vertical-align: top; border: 0; white-space: normal; overflow-wrap: break-word; max-width: 34em; }
.coder-nb-table thead th { position: sticky; top: 0; background: var(--c-back); border-bottom: 1px solid var(--c-line); font-weight: normal; padding: 0; z-index: 1; }
.coder-nb-table thead button { border: 0; width: 100%; text-align: start; color: var(--c-faint); padding: 3px 6px; white-space: nowrap; background: none; }
.coder-nb-table .right, .coder-nb-table .right button { text-align: end; font-variant-numeric: tabular-nums; }
.coder-nb-table tbody tr { background: none; } .coder-nb-table tbody tr:hover { background: var(--c-back2); }
.coder-nb-table tbody tr + tr td { border-top: 1px solid color-mix(in srgb, var(--c-line) 45%, transparent); }
.coder-nb-table tr.new td { background: color-mix(in srgb, var(--c-good) 14%, transparent); }
.coder-nb-table td.changed { background: color-mix(in srgb, var(--c-warn) 18%, transparent); }
.coder-nb-table tr.left td { background: color-mix(in srgb, var(--c-bad) 12%, transparent); text-decoration: line-through; color: var(--c-faint); }
@media (prefers-reduced-motion: no-preference) { .coder-nb-table td { transition: background .4s; } }
.coder-nb-table.stale tbody { opacity: .6; }
.coder-nb-table .t-good::before, .coder-nb-table .t-warn::before, .coder-nb-table .t-bad::before { content: "●\\a0"; }
.coder-nb-table .t-good { color: var(--c-good); } .coder-nb-table .t-warn { color: var(--c-warn); }
.coder-nb-table .t-bad { color: var(--c-bad); } .coder-nb-table .t-off { color: var(--c-faint); }
.coder-nb-table tbody td:first-child { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.coder-nb-table td.acts { white-space: nowrap; position: sticky; inset-inline-end: 0; background: var(--c-back); overflow: visible; }
.coder-nb-table .acts button + button { margin-inline-start: 4px; }
.coder-nb-table .asks { min-width: 14em; display: inline-flex; gap: 6px; align-items: center; flex-wrap: wrap; white-space: normal; }
.coder-nb-table .error { color: var(--c-bad); white-space: normal; }
.coder-nb-table .none { padding: 14px; text-align: center; color: var(--c-faint); }
`;

const TONES: Record<string, string> = {
  good: "running healthy connected ready ok start_ok listening done succeeded",
  warn: "starting connecting pending stopping warn outdated dirty created start_timeout shutting_down created canceling",
  bad: "failed unhealthy disconnected timeout error start_error exited dead lost deleting",
};

/** The class of a state word; "" where it has no colour. */
export function tone(word: string): string {
  if (!word) return "";
  const found = Object.entries(TONES).find(([, words]) => words.split(" ").includes(word.toLowerCase()));
  return `t-${found?.[0] ?? "off"}`;
}
