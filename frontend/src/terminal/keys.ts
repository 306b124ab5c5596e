// What is typed and pasted, in order: numbered, in pieces, and never more under way than the kernel has looked at.

/** Characters of one message; large ones are lost without a word somewhere above 10 MB. */
export const PIECE = 64 * 1024;
/** Messages of single keys under way at most; what is typed meanwhile goes together. */
const AHEAD = 2;

export interface Way {
  /** Messages the kernel has not looked at yet. */
  readonly pending: number;
  keys(n: number, text: string, wait: boolean): void;
}

export class Keys {
  private readonly way: Way;
  private held = "";
  private n = 0;
  /** The number of a piece that is waited for, else 0. */
  private waits = 0;

  constructor(way: Way) {
    this.way = way;
  }

  /** Characters that have not been sent. */
  get queued(): number {
    return this.held.length;
  }

  type(text: string): void {
    // Ctrl-C stops a paste that is still on its way here.
    if (text === "\x03" && this.waits) this.held = "";
    this.held += text;
    this.flow();
  }

  /** A piece has arrived. */
  typed(n: number): void {
    if (n === this.waits) this.waits = 0;
    this.flow();
  }

  /** Nothing of it is wanted any more: the session has ended. */
  drop(): void {
    this.held = "";
    this.waits = 0;
  }

  /** Sends what may be sent now. */
  flow(): void {
    while (this.held && !this.waits && this.way.pending < AHEAD) {
      const piece = this.cut();
      this.held = this.held.slice(piece.length);
      const wait = piece.length > 1000;
      this.n++;
      if (wait) this.waits = this.n;
      this.way.keys(this.n, piece.replace(/\p{Cs}/gu, "\ufffd"), wait);
    }
  }

  private cut(): string {
    if (this.held.length <= PIECE) return this.held;
    const last = this.held.charCodeAt(PIECE - 1);
    // Not between the two halves of a character.
    return this.held.slice(0, last >= 0xd800 && last < 0xdc00 ? PIECE - 1 : PIECE);
  }
}

/** Pasted text in which nothing ends the paste or acts: escape characters are shown instead. */
export function harmless(text: string): string {
  return text.replaceAll("\x1b", "\u241b").replaceAll("\x9b", "\u241b");
}
