// Which lines are marked: one run of rows, from where it was begun to the cursor. By line, so that filters do not move it.

export class Marks {
  /** Told after each change. */
  onChange = (): void => {};
  /** Line numbers; -1 for none. */
  anchor = -1;
  cursor = -1;

  get any(): boolean {
    return this.cursor >= 0;
  }

  has(line: number): boolean {
    return this.any && line >= Math.min(this.anchor, this.cursor) && line <= Math.max(this.anchor, this.cursor);
  }

  set(line: number, extend: boolean): void {
    this.cursor = line;
    if (!extend || this.anchor < 0) this.anchor = line;
    this.onChange();
  }

  all(first: number, last: number): void {
    this.anchor = first;
    this.cursor = last;
    this.onChange();
  }

  clear(): void {
    this.anchor = this.cursor = -1;
    this.onChange();
  }
}
