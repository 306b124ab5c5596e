// What keys do in a log. Arrows move a cursor and Shift marks; nothing needs a mouse.
import type { Panel } from "./panel";

/** Listens until the returned function is called. */
export function keys(panel: Panel): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.target === panel.list && act(panel, event)) event.preventDefault();
    else if (event.key === "Escape" && panel.root.contains(event.target as Node)) panel.list.focus();
  };
  panel.root.addEventListener("keydown", pressed);
  return () => panel.root.removeEventListener("keydown", pressed);
}

function act(panel: Panel, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "a" && panel.sight.count) panel.marks.all(panel.sight.at(0), panel.sight.at(panel.sight.count - 1));
    else if (event.key === "c" && getSelection()?.isCollapsed) void panel.copy();
    else return false;
    return true;
  }
  const page = Math.max(1, Math.floor(panel.list.clientHeight / 18) - 1);
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, j: 1, k: -1 };
  const move = moves[event.key];
  if (move !== undefined) step(panel, move, event.shiftKey);
  else if (event.key === "Home") to(panel, 0, event.shiftKey);
  else if (event.key === "End" && event.shiftKey) to(panel, panel.sight.count - 1, true);
  else if (event.key === "End") panel.virtual.follow(true);
  else if (event.key === " ") panel.virtual.follow(!panel.virtual.following);
  else if (event.key === "/") panel.bar.search.focus();
  else if (event.key === "n" || event.key === "N") panel.next(event.key === "N");
  else if (event.key === "Escape" && panel.marks.any) panel.marks.clear();
  else return false;
  return true;
}

function step(panel: Panel, by: number, extend: boolean): void {
  const [first, last] = panel.virtual.inSight();
  const inSight = panel.marks.any ? panel.sight.row(panel.marks.cursor) : by > 0 ? first - 1 : last + 1;
  to(panel, inSight + by, extend);
}

function to(panel: Panel, row: number, extend: boolean): void {
  if (!panel.sight.count) return;
  const there = Math.max(0, Math.min(row, panel.sight.count - 1));
  panel.marks.set(panel.sight.at(there), extend);
  panel.virtual.show(there);
}
