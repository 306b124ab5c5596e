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
  statusChanged: Signal;
  connectionStatusChanged?: Signal;
}

interface Signal {
  connect(slot: (sender: unknown, status: string) => void): void;
  disconnect(slot: (sender: unknown, status: string) => void): void;
}

type Model = AnyModel<Record<string, unknown>>;

const BEAT = 5_000;
const PATIENCE = 400;
const BUSY = 300;
/** Milliseconds after which a kernel that does not answer a hello counts as busy, where nothing says what it does. */
const MUTE = 1_500;
/** How many batches may come before an acknowledgement goes back; the kernel allows itself 16 under way. */
const EVERY = 8;

export class Channel {
  way: Way = "opening";
  /** This page's name for itself, unlike any other's. */
  readonly client = Math.random().toString(36).slice(2);
  #epoch = -1;
  #seq = 0;
  #acked = 0;
  #early = new Map<number, { body: Batch; buffers: DataView[] }>();
  #onBatch = new Set<OnBatch>();
  #onSay = new Set<(body: Batch) => void>();
  #onWay = new Set<OnWay>();
  #missing = 0;
  #ack = 0;
  #busy = 0;
  #mute = 0;
  #beat: number;
  #views = 0;
  #kernel: Kernel | undefined;

  constructor(readonly model: Model) {
    model.on("msg:custom", this.#take);
    this.#kernel = (model.widget_manager as unknown as { kernel?: Kernel } | undefined)?.kernel;
    this.#kernel?.statusChanged?.connect(this.#status);
    this.#kernel?.connectionStatusChanged?.connect(this.#connection);
    addEventListener("pagehide", this.#hide);
    addEventListener("pageshow", this.#hello);
    this.#beat = setInterval(() => this.#views && this.#tell("beat"), BEAT) as unknown as number;
  }

  /** A view is there, with its own model. The first one says hello, which is when the kernel begins to stream. */
  enter(model: Model = this.model): () => void {
    const channel = this;
    // Of the view's own model only: `this` is the view, and knows whether its kernel side lives.
    const live = function (this: { model?: { comm_live?: boolean } } | undefined): void {
      if (this?.model?.comm_live === false) channel.gone();
    };
    model.on("comm_live_update", live);
    if (this.#views++ === 0) this.#hello();
    return () => {
      model.off("comm_live_update", live);
      if (--this.#views === 0) this.#hide();
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
  send(message: Batch, buffers: ArrayBuffer[] = []): boolean {
    try {
      this.model.send({ ...message, client: this.client }, {}, buffers);
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
    this.#kernel?.statusChanged?.disconnect(this.#status);
    this.#kernel?.connectionStatusChanged?.disconnect(this.#connection);
    removeEventListener("pagehide", this.#hide);
    removeEventListener("pageshow", this.#hello);
    clearInterval(this.#beat);
    for (const timer of [this.#missing, this.#ack, this.#busy, this.#mute]) clearTimeout(timer);
  }

  #hello = (): void => {
    if (!this.#views || !this.#tell("hello")) return;
    clearTimeout(this.#mute);
    this.#mute = setTimeout(() => this.way === "opening" && this.#turn("busy"), MUTE) as unknown as number;
  };

  #hide = (): void => {
    if (this.way !== "gone") this.#tell("bye");
  };

  #tell(type: string): boolean {
    return this.send({ type, epoch: this.#epoch, seq: this.#seq });
  }

  #take = (message: Envelope, buffers: DataView[]): void => {
    clearTimeout(this.#mute);
    // A busy kernel sends all the same; only where nothing else says so does a message mean that it is free.
    if (this.way !== "busy" || this.#kernel?.status !== "busy") this.#turn("open");
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
    this.#tell("ack");
  }

  #askAgain(): void {
    if (this.#missing) return;
    this.#missing = setTimeout(() => {
      this.#missing = 0;
      this.#tell("missing");
    }, PATIENCE) as unknown as number;
  }

  #turn(way: Way): void {
    if (way === this.way) return;
    this.way = way;
    for (const take of this.#onWay) take(way);
  }

  // JupyterLab's own connection, where there is one: busy shows only when it lasts, every message makes a short one.
  #status = (_sender: unknown, status: string): void => {
    clearTimeout(this.#busy);
    if (status === "busy") {
      this.#busy = setTimeout(() => this.way !== "gone" && this.#turn("busy"), BUSY) as unknown as number;
    } else if (status === "idle" && this.way === "busy") this.#turn("open");
    else if (["restarting", "autorestarting", "dead", "terminating"].includes(status)) this.#turn("gone");
  };

  #connection = (_sender: unknown, status: string): void => {
    if (status === "disconnected") this.#turn("gone");
    // What was said while the page was cut off is lost: the hello tells what is there.
    else if (status === "connected") this.#hello();
  };
}
