// What the terminal looks like around xterm.js; colours are the page's.
import xterm from "@xterm/xterm/css/xterm.css";
import { BASE } from "../lib/theme";

export const STYLE = `${xterm}${BASE}
.coder-nb-terminal { overflow: hidden; position: relative; }
.coder-nb-terminal .name { font-weight: 600; }
.coder-nb-terminal .title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 40%; color: var(--c-faint); }
.coder-nb-terminal .screen { height: 380px; min-height: 90px; resize: vertical; overflow: hidden; padding: 4px 0 2px 6px; box-sizing: border-box; }
.coder-nb-terminal .screen .xterm { height: 100%; }
.coder-nb-terminal .screen .xterm-viewport { background: transparent !important; }
.coder-nb-terminal .search { display: flex; gap: 4px; align-items: center; padding: 4px 6px; border-bottom: 1px solid var(--c-line); }
.coder-nb-terminal .search[hidden], .coder-nb-terminal [hidden] { display: none; }
.coder-nb-terminal .search input { flex: 0 1 240px; }
.coder-nb-terminal .banner { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
.coder-nb-terminal .banner code { user-select: all; font-family: var(--c-code); background: none; }
.coder-nb-terminal .foot { display: flex; gap: 10px; padding: 2px 6px; color: var(--c-faint); font-size: 11px; border-top: 1px solid var(--c-line); }
.coder-nb-terminal .foot .target { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.coder-nb-terminal .foot kbd { font: inherit; }
`;
