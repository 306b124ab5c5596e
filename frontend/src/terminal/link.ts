// The way to the kernel and back: sends without ever failing, and says when the kernel is gone or late.
import type { FromKernel, ToKernel } from "./wire";

type Callback = (...args: never[]) => void;

/** What we use of an ipywidgets model; anywidget's wrapper and the bare one both have it. */
export interface Model {
  get(name: string): unknown;
  on(event: string, callback: Callback): void;
  off(event: string, callback: Callback): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  widget_manager?: { get_model(id: string): Promise<Model>; kernel?: Kernel | null };
  /** Only on the bare one. */
  comm_live?: boolean;
}

/** What we use of JupyterLab's kernel connection, where there is one. */
interface Kernel {
  connectionStatus: string;
  connectionStatusChanged?: Signal;
}

interface Signal {
  connect(slot: () => void): void;
  disconnect(slot: () => void): void;
}

/** Milliseconds after which a kernel that has not looked at a message counts as busy. */
export const LATE = 700;
/** Milliseconds after which a second message makes the answer to the first come sooner. */
const NUDGE = 5;

const IDLE = { header: { msg_type: "status" }, content: { execution_state: "idle" } };

/** The model all that a page says goes by. */
export async function inputModel(model: Model): Promise<Model> {
  const reference = String(model.get("_input"));
  const manager = model.widget_manager;
  if (!manager) throw new Error("this notebook cannot show a terminal: it gives no widget manager");
  return await manager.get_model(reference.replace("IPY_MODEL_", ""));
}

export class Link {
  gone = false;
  late = false;
  /** Messages of keys the kernel has not looked at yet. */
  pending = 0;
  /** Told of a change of the first two. */
  onState = () => {};
  /** Told when the kernel has looked at keys. */
  onLooked = () => {};
  /** Told of what comes. */
  onMessage = (_message: FromKernel, _buffers: DataView[]) => {};

  private readonly model: Model;
  private readonly input: Model;
  private readonly received = (content: FromKernel, buffers: DataView[]) => this.onMessage(content, buffers ?? []);
  private readonly looked = () => this.look();
  private lateTimer = 0;
  private nudgeTimer = 0;

  constructor(model: Model, input: Model) {
    this.model = model;
    this.input = input;
    model.on("msg:custom", this.received as Callback);
    input.on("msg:custom", this.received as Callback);
    input.on("comm_live_update", this.looked);
    this.kernel?.connectionStatusChanged?.connect(this.looked);
    this.look();
  }

  send(message: ToKernel): void {
    const counts = message.kind === "keys" || message.kind === "hello";
    let waits = counts;
    const done = () => {
      if (!waits) return;
      waits = false;
      this.pending--;
      this.heard();
      this.onLooked();
    };
    const status = (reply: typeof IDLE) => reply.content?.execution_state === "idle" && done();
    if (counts) this.pending++;
    this.watch();
    try {
      this.input.send(message, { iopub: { status }, shell: { reply: done } });
    } catch {
      done();
      this.be(true, false);
    }
  }

  /** For what is typed: the answer comes some 40 ms sooner, for the price of another small message. */
  nudge(): void {
    clearTimeout(this.nudgeTimer);
    this.nudgeTimer = window.setTimeout(() => {
      if (this.gone) return;
      try {
        this.input.send({ kind: "nudge" } satisfies ToKernel, {});
      } catch {
        this.be(true, false);
      }
    }, NUDGE);
  }

  /** Something came back, so it is not late. */
  heard(): void {
    clearTimeout(this.lateTimer);
    this.lateTimer = 0;
    this.be(this.gone, false);
    this.watch();
  }

  close(): void {
    clearTimeout(this.lateTimer);
    clearTimeout(this.nudgeTimer);
    this.model.off("msg:custom", this.received as Callback);
    this.input.off("msg:custom", this.received as Callback);
    this.input.off("comm_live_update", this.looked);
    this.kernel?.connectionStatusChanged?.disconnect(this.looked);
    this.onState = this.onLooked = () => {};
  }

  private get kernel(): Kernel | null | undefined {
    return this.input.widget_manager?.kernel;
  }

  private look(): void {
    if (this.input.comm_live === false || this.kernel?.connectionStatus === "disconnected") this.be(true, false);
  }

  private watch(): void {
    if (!this.pending || this.lateTimer || this.gone) return;
    this.lateTimer = window.setTimeout(() => this.be(this.gone, this.pending > 0), LATE);
  }

  private be(gone: boolean, late: boolean): void {
    if (gone === this.gone && late === this.late) return;
    this.gone = gone;
    this.late = late;
    this.onState();
  }
}
