// Puts what the terminal said in order, into the screen, and says how much of it is drawn.

/** Where output goes; calls back when it is drawn. */
export interface Sink {
  write(data: Uint8Array | string, drawn: () => void): void;
}

/** Bytes given to the screen at a time, so that the page answers in between. */
const PIECE = 64 * 1024;

export class Output {
  /** The number of the next byte; null before the kernel has said where this view begins. */
  next: number | null = null;
  /** All bytes before this one are drawn. */
  drawn = 0;
  private readonly sink: Sink;
  private readonly tell: (drawn: number) => void;
  private readonly ask: (at: number) => void;

  /**
   * @param sink where it goes.
   * @param tell is told how far it is drawn.
   * @param ask has bytes sent again, from this one on.
   */
  constructor(sink: Sink, tell: (drawn: number) => void, ask: (at: number) => void) {
    this.sink = sink;
    this.tell = tell;
    this.ask = ask;
  }

  /** From here on; what came before is not for this view, or known to it. */
  begin(at: number): void {
    if (this.next === null) this.drawn = at;
    if (this.next === null || at > this.next) this.next = at;
  }

  /** One message's bytes. */
  take(at: number, lost: number, data: Uint8Array): void {
    if (this.next === null) return;
    if (at > this.next) {
      if (at - lost > this.next) {
        this.ask(this.next);
        return;
      }
      const missing = (at - this.next).toLocaleString("en");
      this.put(`\x1b[0m\r\n\x1b[2m[${missing} bytes of output are no longer kept]\x1b[0m\r\n`, at - this.next);
    }
    const known = this.next - at;
    for (let start = known; start < data.length; start += PIECE) {
      const piece = data.subarray(start, start + PIECE);
      this.put(piece, piece.length);
    }
  }

  private put(data: Uint8Array | string, size: number): void {
    this.next = (this.next ?? 0) + size;
    const drawn = this.next;
    this.sink.write(data, () => {
      this.drawn = drawn;
      this.tell(drawn);
    });
  }
}
