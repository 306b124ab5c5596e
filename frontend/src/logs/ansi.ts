// A line as a terminal would leave it: colours become classes, every other sequence goes, and nothing ever acts.

export interface Piece {
  text: string;
  /** Class names: c0 to c15 and b0 to b15, bold, dim, italic, under, strike, inverse. */
  classes: string[];
  /** Colours beyond the sixteen, as CSS. */
  color?: string;
  back?: string;
}

// A sequence cut off by the end of the line counts too.
const ESCAPE = /\x1b(?:\[([0-?]*)[ -/]*([@-~]|$)|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]|)/g;
// Controls, and marks that turn the direction of writing.
const ODD = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g;
const FLAGS: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "inverse", 9: "strike" };
const OFF: Record<number, string[]> = {
  22: ["bold", "dim"], 23: ["italic"], 24: ["under"], 27: ["inverse"], 29: ["strike"],
};

class Style {
  flags = new Set<string>();
  fore = "";
  back = "";

  piece(text: string): Piece {
    const classes = [...this.flags];
    const piece: Piece = { text, classes };
    if (this.fore.startsWith("c")) classes.push(this.fore);
    else if (this.fore) piece.color = this.fore;
    if (this.back.startsWith("b")) classes.push(this.back);
    else if (this.back) piece.back = this.back;
    return piece;
  }

  apply(parameters: string): void {
    const codes = parameters.split(/[;:]/).map((code) => Number(code) || 0);
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at]!;
      if (code === 0) this.#reset();
      else if (FLAGS[code]) this.flags.add(FLAGS[code]);
      else if (OFF[code]) for (const flag of OFF[code]) this.flags.delete(flag);
      else if (code === 38 || code === 48) at += this.#extended(code === 38, codes.slice(at + 1));
      else if (code === 39) this.fore = "";
      else if (code === 49) this.back = "";
      else this.#basic(code);
    }
  }

  #reset(): void {
    this.flags.clear();
    this.fore = this.back = "";
  }

  #basic(code: number): void {
    if (code >= 30 && code <= 37) this.fore = `c${code - 30}`;
    else if (code >= 90 && code <= 97) this.fore = `c${code - 82}`;
    else if (code >= 40 && code <= 47) this.back = `b${code - 40}`;
    else if (code >= 100 && code <= 107) this.back = `b${code - 92}`;
  }

  /** 256 colours and true colours; returns how many codes it took. */
  #extended(fore: boolean, rest: number[]): number {
    const [kind, a = 0, b = 0, c = 0] = rest;
    const set = (value: string) => (fore ? (this.fore = value) : (this.back = value));
    if (kind === 2) {
      set(`rgb(${a & 255},${b & 255},${c & 255})`);
      return 4;
    }
    if (kind !== 5) return rest.length;
    if (a < 16) set(`${fore ? "c" : "b"}${a}`);
    else if (a < 232) set(`rgb(${[(a - 16) / 36, ((a - 16) / 6) % 6, (a - 16) % 6].map((part) => STEPS[Math.trunc(part) % 6]).join()})`);
    else set(`rgb(${Array(3).fill(8 + 10 * ((a & 255) - 232)).join()})`);
    return 2;
  }
}

const STEPS = [0, 95, 135, 175, 215, 255];

/** What the last carriage return left standing; one at the end has not been written over yet. */
function standing(text: string): string {
  if (!text.includes("\r")) return text;
  return text.split("\n").map((part) => part.replace(/\r+$/, "").replace(/^.*\r/s, "")).join("\n");
}

function visible(text: string): string {
  return text.replace(ODD, (char) => {
    const code = char.charCodeAt(0);
    return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? "␡" : "\ufffd";
  });
}

/** The text alone. */
export function plain(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return visible(standing(text.replace(ESCAPE, "")));
}

/** The text in pieces, each with its look. */
export function pieces(text: string): Piece[] {
  if (!text.includes("\x1b")) return [{ text: plain(text), classes: [] }];
  if (text.includes("\r")) {
    // Colours set before a return still hold after it, and only what is left standing is shown.
    text = text.split("\n").map(overwritten).join("\n");
  }
  const style = new Style();
  const found: Piece[] = [];
  let from = 0;
  const push = (part: string): void => {
    if (part) found.push(style.piece(visible(part)));
  };
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(from, match.index));
    if (match[2] === "m") style.apply(match[1] ?? "");
    from = match.index + match[0].length;
  }
  push(text.slice(from));
  return found;
}

function overwritten(line: string): string {
  const parts = line.replace(/\r+((?:\x1b\[[0-?]*[ -/]*[@-~])*)$/, "$1").split("\r");
  const last = parts.pop() ?? "";
  return parts.flatMap((part) => part.match(/\x1b\[[\d;:]*m/g) ?? []).join("") + last;
}
