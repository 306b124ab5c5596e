// Which lines are in sight: level, source and search, kept up to date as lines come. Works in short turns, so that the
// page answers while 100,000 lines are looked through.
import { plain } from "./ansi";
import { GAP, type Store } from "./store";

/** Milliseconds of one turn. */
const TURN = 8;

export interface Wanted {
  /** At least this level; 0 for all. */
  level: number;
  /** Only this source; -1 for all. */
  source: number;
  /** Only lines that this finds. */
  pattern: RegExp | null;
  /** Of those that `level` and `source` leave, only these. */
  only: boolean;
}

export class Sight {
  wanted: Wanted = { level: 0, source: -1, pattern: null, only: false };
  /** Told when all may be others, with a count of rows that went at the front, and when some came. */
  onReset = (): void => {};
  onDrop = (_rows: number): void => {};
  onGrow = (): void => {};
  /** Told while it looks through the lines, and when it is through. */
  onBusy = (_busy: boolean): void => {};
  /** Lines that the pattern finds among those in sight. */
  found = 0;
  #rows = new Uint32Array(1024);
  #begin = 0;
  #end = 0;
  #next: number;
  #work = 0;
  #turns = new MessageChannel();

  constructor(readonly store: Store) {
    this.#next = store.first;
    this.#turns.port1.onmessage = () => this.#turn();
  }

  get count(): number {
    return this.#end - this.#begin;
  }

  /** Whether every line there is has been looked at. */
  get done(): boolean {
    return this.#next >= this.store.end;
  }

  /** The line's number in the store. */
  at(row: number): number {
    return this.#rows[this.#begin + row]!;
  }

  /** The row of that line, or of the first one in sight behind it. */
  row(line: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  want(wanted: Wanted): void {
    this.wanted = wanted;
    this.#begin = this.#end = 0;
    this.#next = this.store.first;
    this.found = 0;
    this.onReset();
    this.update();
  }

  /** Lines have come, or went at the front. */
  update(): void {
    const begin = this.#begin;
    while (this.#begin < this.#end && this.#rows[this.#begin]! < this.store.first) this.#begin++;
    if (this.#begin > begin) {
      this.onDrop(this.#begin - begin);
      if (this.wanted.pattern) this.found = Math.min(this.found, this.count);
    }
    this.#next = Math.max(this.#next, this.store.first);
    if (!this.#work) this.#turn();
  }

  /** Whether the pattern finds the line. */
  matches(line: number): boolean {
    const { pattern } = this.wanted;
    if (!pattern) return false;
    pattern.lastIndex = 0;
    return pattern.test(plain(this.store.line(line).text));
  }

  close(): void {
    this.#turns.port1.close();
    this.#turns.port2.close();
  }

  #turn(): void {
    const before = this.#end;
    const until = performance.now() + TURN;
    while (this.#next < this.store.end) {
      if (this.#sees(this.#next)) this.#push(this.#next);
      this.#next++;
      if ((this.#next & 63) === 0 && performance.now() > until) break;
    }
    const more = !this.done;
    if (Boolean(this.#work) !== more) this.onBusy(more);
    this.#work = more ? 1 : 0;
    if (this.#end > before) this.onGrow();
    if (more) this.#turns.port2.postMessage(0);
  }

  #sees(line: number): boolean {
    const { level, source, pattern, only } = this.wanted;
    const own = this.store.level(line);
    if (own === GAP) return true;
    // A level nobody knows is shown whatever is asked for, rather than lost.
    if (own < level || (source >= 0 && this.store.source(line) !== source)) return false;
    if (!pattern) return true;
    const finds = this.matches(line);
    if (finds) this.found++;
    return finds || !only;
  }

  #push(line: number): void {
    if (this.#end === this.#rows.length) {
      const count = this.count;
      const rows = count * 2 > this.#rows.length ? new Uint32Array(this.#rows.length * 2) : this.#rows;
      rows.set(this.#rows.subarray(this.#begin, this.#end));
      this.#rows = rows;
      this.#begin = 0;
      this.#end = count;
    }
    this.#rows[this.#end++] = line;
  }
}
