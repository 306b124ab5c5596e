// One line as an element: text nodes and classes only, with what the search finds marked.
import { h } from "../lib/dom";
import { pieces, type Piece } from "./ansi";
import { told, type Clock } from "./clock";
import { GAP, LEVELS, type Line } from "./store";

export interface Look {
  clock: Clock;
  names: string[];
  pattern: RegExp | null;
  now: number;
}

export function element(line: Line, look: Look): HTMLElement {
  if (line.level === GAP) return h("div", { class: "row gap" }, `… ${line.text} lines are missing here: they came faster than they could be kept …`);
  const name = look.names[line.source] ?? "";
  const time = told(line.time, look.clock, look.now);
  return h(
    "div",
    { class: `row l${line.level}` },
    time && h("span", { class: "time", title: new Date(line.time).toISOString() }, time),
    h("span", { class: "level" }, LEVELS[line.level] ?? "?"),
    h("span", { class: "source", title: name }, name),
    h("span", { class: "text" }, ...inked(pieces(line.text), look.pattern)),
  );
}

function inked(list: Piece[], pattern: RegExp | null): Node[] {
  const hits = pattern ? spans(list.map((piece) => piece.text).join(""), pattern) : [];
  const nodes: Node[] = [];
  let at = 0;
  for (const piece of list) {
    const parts: Node[] = [];
    let from = 0;
    for (const [begin, end] of hits) {
      const [b, e] = [Math.max(begin - at, from), Math.min(end - at, piece.text.length)];
      if (e <= b) continue;
      parts.push(document.createTextNode(piece.text.slice(from, b)), h("mark", {}, piece.text.slice(b, e)));
      from = e;
    }
    parts.push(document.createTextNode(piece.text.slice(from)));
    at += piece.text.length;
    nodes.push(...styled(piece, parts));
  }
  return nodes;
}

function styled(piece: Piece, parts: Node[]): Node[] {
  if (!piece.classes.length && !piece.color && !piece.back) return parts;
  const span = h("span", piece.classes.length ? { class: piece.classes.join(" ") } : {});
  if (piece.color) span.style.color = piece.color;
  if (piece.back) span.style.backgroundColor = piece.back;
  span.append(...parts);
  return [span];
}

/** Where the pattern finds something; at most a hundred places, none of them empty. */
export function spans(text: string, pattern: RegExp): [number, number][] {
  const found: [number, number][] = [];
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0]) found.push([match.index, match.index + match[0].length]);
    if (found.length >= 100) break;
  }
  return found;
}
