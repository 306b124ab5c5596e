// Numbered batches from the kernel: in order, none missing, each acknowledged. One channel a model, shared by its views.
// It asks again for what did not come and says what state the way to the kernel is in. Knows no widget.
import type { AnyModel } from "@anywidget/types";

export type Way = "opening" | "open" | "busy" | "gone";

export interface Batch {
  [key: string]: unknown;
}

type OnBatch = (batch: Batch, buffers: DataView[], fresh: boolean) => void;
type OnWay = (way: Way) => void;

interface Envelope {
  kind: "batch" | "count" | "say";
  epoch: number;
  seq: number;
  body: Batch;
}

interface Kernel {
  status: string;
  statusChanged: { connect(slot: (sender: unknown, status: string) => void): void };
}

const BEAT = 5_000;
const PATIENCE = 400;
const BUSY = 300;
/** How many batches may come before an acknowledgement goes back; the kernel allows itself 64 under way. */
const EVERY = 8;

export class Channel {
  way: Way = "opening";
  #client = Math.random().toString(36).slice(2);
  #epoch = -1;
  #seq = 0;
  #acked = 0;
  #early = new Map<number, { body: Batch; buffers: DataView[] }>();
  #onBatch = new Set<OnBatch>();
  #onSay = new Set<(body: Batch) => void>();
  #onWay = new Set<OnWay>();
  #timers = new Set<number>();
  #missing = 0;
  #ack = 0;
  #busy = 0;
  #views = 0;

  constructor(readonly model: AnyModel<Record<string, unknown>>) {
    model.on("msg:custom", this.#take);
    this.#watchKernel();
    this.#timers.add(setInterval(() => this.#views && this.send({ type: "beat" }), BEAT) as unknown as number);
  }

  /** A view is there. The first one says hello, which is when the kernel begins to stream. */
  enter(): () => void {
    if (this.#views++ === 0) this.send({ type: "hello", epoch: this.#epoch, seq: this.#seq });
    return () => {
      if (--this.#views === 0) this.send({ type: "bye" });
    };
  }

  onBatch(take: OnBatch): () => void {
    this.#onBatch.add(take);
    return () => void this.#onBatch.delete(take);
  }

  /** What the kernel says outside the numbered batches, such as the answer to one thing asked for. */
  onSay(take: (body: Batch) => void): () => void {
    this.#onSay.add(take);
    return () => void this.#onSay.delete(take);
  }

  onWay(take: OnWay): () => void {
    this.#onWay.add(take);
    take(this.way);
    return () => void this.#onWay.delete(take);
  }

  /** False when there is nobody to send to: a restarted or dead kernel makes the model throw. */
  send(message: Batch): boolean {
    try {
      this.model.send({ ...message, client: this.#client });
      return true;
    } catch {
      this.#turn("gone");
      return false;
    }
  }

  /** The view's own notice that the kernel's side of the model has died. */
  gone(): void {
    this.#turn("gone");
  }

  close(): void {
    this.model.off("msg:custom", this.#take);
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#missing);
    clearTimeout(this.#ack);
    clearTimeout(this.#busy);
  }

  #take = (message: Envelope, buffers: DataView[]): void => {
    if (this.way !== "busy") this.#turn("open");
    if (message.kind === "say") {
      for (const take of this.#onSay) take(message.body);
      return;
    }
    if (message.epoch < this.#epoch) return;
    if (message.epoch > this.#epoch) this.#begin(message.epoch);
    if (message.kind === "count") {
      // The last number there is, so that a loss at the very end shows too.
      if (message.seq > this.#seq) this.#askAgain();
      return;
    }
    if (message.seq <= this.#seq) return;
    this.#early.set(message.seq, { body: message.body, buffers });
    this.#deliver();
    if (this.#early.size) this.#askAgain();
  };

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#seq = 0;
    this.#acked = 0;
    this.#early.clear();
  }

  #deliver(): void {
    for (let next; (next = this.#early.get(this.#seq + 1)); ) {
      this.#early.delete(++this.#seq);
      for (const take of this.#onBatch) take(next.body, next.buffers, this.#seq === 1);
    }
    if (this.#seq - this.#acked >= EVERY) this.#acknowledge();
    else if (!this.#ack) this.#ack = setTimeout(() => this.#acknowledge(), PATIENCE) as unknown as number;
  }

  #acknowledge(): void {
    clearTimeout(this.#ack);
    this.#ack = 0;
    this.#acked = this.#seq;
    this.send({ type: "ack", epoch: this.#epoch, seq: this.#seq });
  }

  #askAgain(): void {
    if (this.#missing) return;
    this.#missing = setTimeout(() => {
      this.#missing = 0;
      this.send({ type: "missing", epoch: this.#epoch, seq: this.#seq });
    }, PATIENCE) as unknown as number;
  }

  #turn(way: Way): void {
    if (way === this.way) return;
    this.way = way;
    for (const take of this.#onWay) take(way);
  }

  // JupyterLab's own connection, where there is one: busy shows only when it lasts, every message makes a short one.
  #watchKernel(): void {
    const manager = this.model.widget_manager as unknown as { kernel?: Kernel };
    const kernel = manager?.kernel;
    if (!kernel?.statusChanged) return;
    kernel.statusChanged.connect((_sender, status) => {
      clearTimeout(this.#busy);
      if (status === "busy") {
        this.#busy = setTimeout(() => this.way !== "gone" && this.#turn("busy"), BUSY) as unknown as number;
      } else if (status === "idle" && this.way === "busy") this.#turn("open");
      else if (["restarting", "autorestarting", "dead", "terminating"].includes(status)) this.#turn("gone");
    });
  }
}
